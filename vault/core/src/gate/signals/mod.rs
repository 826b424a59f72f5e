//! The signals, one file each. Each is a function of a unit's rows and of what is known, and does nothing else.

mod a1;
mod a2;
mod c1;
mod c2;
mod c3;
mod c4;
mod d1;
mod d2;
mod d3;
mod d4;
mod d5;
mod i1;
mod i2;
mod n1;
mod n2;
mod n3;
mod o1;
mod o2;
mod p1;
mod p2;
pub(super) mod pair;
mod r1;
mod r2;
mod r3;
mod s1;
mod t1;
mod t2;
mod t3;
mod t4;
mod v1;
mod v2;
mod v3;
mod v4;
mod v5;
mod v6;
mod v7;
mod v8;

use super::finding::Finding;
use super::signal::SignalId;
use super::unit::Unit;

/// Why traps are not judged where the memory does not say which rows they are.
const TRAPS_UNTOLD: &str = "traps are known to a vault, and for compliance to ask about";

/// Looks at a unit for one signal. Those that compare two lists answer in [`pair::judge`].
pub(super) fn judge(id: SignalId, unit: &Unit<'_>) -> Finding {
    match id {
        SignalId::P1 => p1::judge(unit),
        SignalId::P2 => p2::judge(unit),
        SignalId::T1 => t1::judge(unit),
        SignalId::T2 => t2::judge(unit),
        SignalId::T3 => t3::judge(unit),
        SignalId::T4 => t4::judge(unit),
        SignalId::I1 => i1::judge(unit),
        SignalId::I2 => i2::judge(unit),
        SignalId::N1 => n1::judge(unit),
        SignalId::N2 => n2::judge(unit),
        SignalId::N3 => n3::judge(unit),
        SignalId::R1 => r1::judge(unit),
        SignalId::R2 => r2::judge(unit),
        SignalId::R3 => r3::judge(unit),
        SignalId::D1 => d1::judge(unit),
        SignalId::D2 => d2::judge(unit),
        SignalId::D3 => d3::judge(unit),
        SignalId::D4 => d4::judge(unit),
        SignalId::D5 => d5::judge(unit),
        SignalId::O1 => o1::judge(unit),
        SignalId::O2 => o2::judge(unit),
        SignalId::A1 => a1::judge(unit),
        SignalId::A2 => a2::judge(unit),
        SignalId::S1 => s1::judge(unit),
        SignalId::C1 => c1::judge(unit),
        SignalId::C2 => c2::judge(unit),
        SignalId::C3 => c3::judge(unit),
        SignalId::C4 => c4::judge(unit),
        SignalId::V2 => v2::judge(unit),
        SignalId::V1 | SignalId::V3 | SignalId::V4 | SignalId::V5 | SignalId::V6 | SignalId::V7 | SignalId::V8 => {
            Finding::NotJudged("no list of another controller shares enough rows")
        }
    }
}

#[cfg(test)]
mod tests;
