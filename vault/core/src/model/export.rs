//! What an export leaves out, and addresses that tell where a list came from.

use super::text_enum::text_enum;

text_enum! {
    /// Why a contact is not handed to a recipient.
    Withheld, "a reason to withhold a contact" {
        /// The purpose asks for a consent, and there is none (Art. 6(1)(a)).
        ConsentMissing = "consent-missing",
        /// The subject took the consent back (Art. 7(3)).
        Withdrawn = "withdrawn",
        /// The subject objected (Art. 21).
        Objected = "objected",
        /// The consent ran out.
        Expired = "expired",
        /// An address of the contact is refused, for this purpose or for everything.
        Suppressed = "suppressed",
        /// The contact has neither an e-mail address, nor a telephone number, nor a postal address.
        NoAddress = "no-address",
    }
}

text_enum! {
    /// What an address that belongs to nobody is for.
    MarkKind, "a kind of marked address" {
        /// Was only ever shown to programs that harvest pages.
        TrapOwn = "trap-own",
        /// Was somebody's, was given up long ago, and belongs to nobody since.
        TrapRecycled = "trap-recycled",
        /// Was made for one export, so that a copy of it names the export it came from.
        Canary = "canary",
    }
}
