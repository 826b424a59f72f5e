//! Giving entries their place in the tree: the only code that writes `ledger_entries`.

use carnet_core::ledger::{Checkpoint, Frontier, NoteSigner, leaf_hash};
use carnet_core::model::EntryId;
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::StoreError;
use crate::engine::{Db, on};
use crate::ledger::NODE_LEVELS;
use crate::rows::{count, exactly};
use crate::schema::{ledger_details, ledger_entries, ledger_head, ledger_nodes, ledger_queue};
use crate::tx::{RecordDetails, Tx, WriteTx};

/// The lock under which one sequencer at a time works, over all nodes of a PostgreSQL vault.
const SEQUENCER_LOCK: i64 = 0x6361_726e_6574;
/// How many waiting entries one transaction sequences.
const BATCH_ENTRIES: i64 = 4096;
/// How many rows one statement inserts: far below the engines' limits on bound values.
const STATEMENT_ROWS: usize = 1000;

impl WriteTx<'_> {
    pub(crate) fn ledger_details_insert(&mut self, entry: EntryId, details: &RecordDetails) -> Result<(), StoreError> {
        let (controller, contact) = match &details.subject {
            Some((controller, contact)) => (controller.as_bytes().to_vec(), contact.as_bytes().to_vec()),
            None => (vec![0; 16], vec![0; 16]),
        };
        diesel::insert_into(ledger_details::table)
            .values((
                ledger_details::controller_id.eq(controller),
                ledger_details::entry_id.eq(entry.as_bytes().as_slice()),
                ledger_details::contact_id.eq(contact),
                ledger_details::sealed.eq(details.sealed.as_bytes()),
            ))
            .execute(self.db)?;
        Ok(())
    }
}

impl Tx<'_> {
    pub(crate) fn ledger_enqueue(&mut self, id: EntryId, body: &[u8]) -> Result<(), StoreError> {
        diesel::insert_into(ledger_queue::table)
            .values((ledger_queue::id.eq(id.as_bytes().as_slice()), ledger_queue::body.eq(body)))
            .execute(self.db)?;
        Ok(())
    }

    /// Appends a batch of what waits in the queue; true when more may be waiting.
    pub(crate) fn ledger_sequence(&mut self, signer: &NoteSigner) -> Result<bool, StoreError> {
        if let Db::Postgres(connection) = self.db {
            diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
                .bind::<diesel::sql_types::BigInt, _>(SEQUENCER_LOCK)
                .execute(connection)?;
        }
        let waiting: Vec<(Vec<u8>, Vec<u8>)> =
            ledger_queue::table.order(ledger_queue::id).limit(BATCH_ENTRIES).load(self.db)?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let pending = waiting
            .iter()
            .map(|(id, body)| Ok((EntryId::from_bytes(exactly(id, "ledger_queue", "id")?), body.as_slice())))
            .collect::<Result<Vec<_>, StoreError>>()?;
        self.ledger_append(&pending, signer)?;
        let ids: Vec<&[u8]> = waiting.iter().map(|(id, _)| id.as_slice()).collect();
        diesel::delete(ledger_queue::table.filter(ledger_queue::id.eq_any(ids))).execute(self.db)?;
        Ok(i64::try_from(waiting.len()).is_ok_and(|taken| taken == BATCH_ENTRIES))
    }

    /// Appends entries at the end of the tree and signs the new head.
    pub(crate) fn ledger_append(
        &mut self,
        pending: &[(EntryId, &[u8])],
        signer: &NoteSigner,
    ) -> Result<(), StoreError> {
        let mut frontier = match self.ledger_head()? {
            Some(head) => head.frontier,
            None => Frontier::default(),
        };
        for chunk in pending.chunks(STATEMENT_ROWS) {
            self.append_rows(chunk, &mut frontier)?;
        }
        let checkpoint = Checkpoint { origin: signer.name().to_owned(), size: frontier.size(), root: frontier.root() }
            .sign(signer)
            .map_err(|error| StoreError::Ledger(error.to_string()))?;
        let row = (
            ledger_head::id.eq(1),
            ledger_head::size.eq(count(frontier.size())?),
            ledger_head::frontier.eq(frontier.to_bytes()),
            ledger_head::checkpoint.eq(checkpoint.to_string()),
        );
        on!(self.db, connection => diesel::insert_into(ledger_head::table)
            .values(row)
            .on_conflict(ledger_head::id)
            .do_update()
            .set((
                ledger_head::size.eq(excluded(ledger_head::size)),
                ledger_head::frontier.eq(excluded(ledger_head::frontier)),
                ledger_head::checkpoint.eq(excluded(ledger_head::checkpoint)),
            ))
            .execute(connection))?;
        Ok(())
    }

    fn append_rows(&mut self, chunk: &[(EntryId, &[u8])], frontier: &mut Frontier) -> Result<(), StoreError> {
        let (mut leaves, mut nodes) = (Vec::with_capacity(chunk.len()), Vec::new());
        for (id, body) in chunk {
            let hash = leaf_hash(body);
            leaves.push((
                ledger_entries::idx.eq(count(frontier.size())?),
                ledger_entries::id.eq(id.as_bytes().as_slice()),
                ledger_entries::body.eq(*body),
                ledger_entries::leaf_hash.eq(hash.as_bytes().to_vec()),
            ));
            frontier.append_with(hash, |level, index, hash| {
                if level > 0 && level % NODE_LEVELS == 0 {
                    nodes.push((level / NODE_LEVELS, index, hash));
                }
            });
        }
        on!(self.db, connection => diesel::insert_into(ledger_entries::table).values(&leaves).execute(connection))?;
        for (level, index, hash) in nodes {
            diesel::insert_into(ledger_nodes::table)
                .values((
                    ledger_nodes::level.eq(i64::from(level)),
                    ledger_nodes::idx.eq(count(index)?),
                    ledger_nodes::hash.eq(hash.as_bytes().as_slice()),
                ))
                .execute(self.db)?;
        }
        Ok(())
    }
}
