//! The part of a row that says something about consent or delivery.

use std::net::IpAddr;

use carnet_core::intake::statement::add_notes;
use carnet_core::intake::{Moment, Statement, Status, Undeliverable, ValueFault, WarningKind};
use carnet_core::model::{Evidence, Language, Timestamp};

use super::contact::Left;
use super::dates::{self, DateOrder, Written};
use super::field::{ConsentField, Field};
use super::moments::{Zone, kept, moment};
use super::words::{Reader, is_nothing};

/// How the cells of a column are read.
#[derive(Clone, Copy)]
pub(super) struct Manner<'m> {
    pub(super) order: Option<DateOrder>,
    pub(super) zone: Option<&'m Zone>,
}

/// What a row says, while it is read.
#[derive(Default)]
pub(super) struct Said {
    pub(super) statement: Statement,
    /// Where the contact came from, in the words of the source.
    pub(super) source: Option<String>,
    /// When the subject last did something.
    pub(super) last_activity_at: Option<Timestamp>,
    /// Whether a column that no field is known for may say that the subject does not agree.
    pub(super) is_doubted: bool,
}

impl Said {
    /// Takes a cell that is not blank. An error decides over the row.
    pub(super) fn take(
        &mut self,
        field: Field,
        value: &str,
        manner: Manner<'_>,
        words: &mut Reader,
    ) -> Result<Left, ValueFault> {
        if is_nothing(value) {
            return Ok(Left::Nothing);
        }
        match field {
            Field::Source => {
                self.statement.evidence.source = Some(value.to_owned());
                self.source = Some(value.to_owned());
                Ok(Left::Nothing)
            }
            Field::Undeliverable => Ok(self.undeliverable(value, manner, words)),
            Field::UndeliverableAt => {
                let (at, warning) = moment(value, manner.order, manner.zone);
                let known = match at {
                    Moment::Known(at) | Moment::Day(at, _) => Some(at),
                    Moment::Vague(_) | Moment::Unreadable(_) => None,
                };
                let undeliverable = self.statement.undeliverable.get_or_insert_with(Undeliverable::default);
                undeliverable.at = known;
                Ok(if known.is_some() { told(warning) } else { Left::Kept(warning) })
            }
            Field::LastActivityAt => Ok(self.last_activity(value, manner)),
            Field::Consent(field) => self.consent(field, value, manner, words),
            _ => Ok(Left::Nothing),
        }
    }

    fn consent(
        &mut self,
        field: ConsentField,
        value: &str,
        manner: Manner<'_>,
        words: &mut Reader,
    ) -> Result<Left, ValueFault> {
        match field {
            ConsentField::Status => {
                self.status(words.status(value).ok_or(ValueFault::Status)?);
                Ok(Left::Nothing)
            }
            ConsentField::OptedIn | ConsentField::OptedOut | ConsentField::Complained | ConsentField::Confirmed => {
                self.yes_or_no(field, value, manner, words)
            }
            ConsentField::GivenAt
            | ConsentField::RequestedAt
            | ConsentField::ConfirmedAt
            | ConsentField::NotifiedAt
            | ConsentField::WithdrawnAt
            | ConsentField::ObjectedAt => Ok(self.moment(field, value, manner)),
            _ => Ok(self.proof(field, value)),
        }
    }

    /// The latest of several counts. It proves no consent, so that the card keeps the text too.
    fn last_activity(&mut self, value: &str, manner: Manner<'_>) -> Left {
        let (at, warning) = moment(value, manner.order, manner.zone);
        self.last_activity_at = self.last_activity_at.max(at.at());
        Left::Kept(warning)
    }

    /// The strictest of several counts.
    pub(super) fn status(&mut self, status: Status) {
        self.statement.status = self.statement.status.max(Some(status));
    }

    fn yes_or_no(
        &mut self,
        field: ConsentField,
        value: &str,
        manner: Manner<'_>,
        words: &mut Reader,
    ) -> Result<Left, ValueFault> {
        let statement = &mut self.statement;
        match (field, words.yes_or_no(value)) {
            (ConsentField::OptedIn, Some(yes)) => {
                statement.opted_in = Some(yes);
                if !yes {
                    return Ok(Left::Taken(WarningKind::NotOptedIn));
                }
            }
            (ConsentField::OptedOut, Some(yes)) => statement.opted_out |= yes,
            (ConsentField::Complained, Some(yes)) => statement.complained |= yes,
            (_, Some(yes)) => statement.confirmed |= yes,
            (_, None) => {
                if let Some(status) = words.status(value) {
                    self.status(status);
                    return Ok(Left::Nothing);
                }
                // A time under a head that asks for yes or no is a yes with its time, where that is the strict reading.
                let is_date = dates::read(value, manner.order).is_ok();
                match field {
                    ConsentField::OptedOut if is_date => {
                        return Ok(self.moment(ConsentField::WithdrawnAt, value, manner));
                    }
                    ConsentField::Complained if is_date => {
                        return Ok(self.moment(ConsentField::ObjectedAt, value, manner));
                    }
                    ConsentField::OptedOut | ConsentField::Complained => return Err(ValueFault::YesOrNo),
                    _ => return Ok(Left::Kept(Some(WarningKind::YesOrNoUnreadable))),
                }
            }
        }
        Ok(Left::Nothing)
    }

    fn moment(&mut self, field: ConsentField, value: &str, manner: Manner<'_>) -> Left {
        let (at, warning) = moment(value, manner.order, manner.zone);
        // Text that is no time is no yes, so that no claim may take it with it.
        let is_lost = matches!(at, Moment::Unreadable(_))
            && !matches!(field, ConsentField::WithdrawnAt | ConsentField::ObjectedAt);
        let statement = &mut self.statement;
        let place = match field {
            ConsentField::RequestedAt => &mut statement.requested_at,
            ConsentField::ConfirmedAt => &mut statement.confirmed_at,
            ConsentField::NotifiedAt => &mut statement.notified_at,
            ConsentField::WithdrawnAt => &mut statement.withdrawn_at,
            ConsentField::ObjectedAt => &mut statement.objected_at,
            _ => &mut statement.given_at,
        };
        *place = Some(at);
        if is_lost { Left::Kept(warning) } else { told(warning) }
    }

    fn proof(&mut self, field: ConsentField, value: &str) -> Left {
        let statement = &mut self.statement;
        let evidence = &mut statement.evidence;
        let text = || Some(value.to_owned());
        match field {
            ConsentField::IpAddress | ConsentField::ConfirmedIpAddress => {
                let address = ip_address(value);
                if address.is_none() {
                    note(evidence, "network address as the source has it", value);
                    return Left::Taken(WarningKind::IpUnreadable);
                }
                match field {
                    ConsentField::IpAddress => evidence.ip_address = address,
                    _ => statement.confirmed_ip_address = address,
                }
            }
            ConsentField::Method => {
                statement.imported |= is_import(value);
                // Reading a method never fails.
                evidence.method = value.parse().ok();
            }
            ConsentField::Wording => evidence.wording = text(),
            ConsentField::WordingVersion => evidence.wording_version = text(),
            ConsentField::Language => match value.replace('_', "-").parse::<Language>() {
                Ok(language) => evidence.language = Some(language),
                Err(_) => return Left::Kept(Some(WarningKind::LanguageUnreadable)),
            },
            ConsentField::FormUrl => evidence.form_url = text(),
            ConsentField::UserAgent => evidence.user_agent = text(),
            ConsentField::Collector => evidence.collector = text(),
            ConsentField::Purpose => statement.purpose = text(),
            ConsentField::WithdrawalReason => statement.withdrawal_reason = text(),
            ConsentField::List => note(evidence, "list at the source", value),
            _ => note(evidence, "from the source", value),
        }
        Left::Nothing
    }

    fn undeliverable(&mut self, value: &str, manner: Manner<'_>, words: &mut Reader) -> Left {
        let status = words.status(value);
        let is_date = dates::read(value, manner.order).is_ok();
        match words.yes_or_no(value) {
            Some(false) => return Left::Nothing,
            None if status != Some(Status::Bounced) && !is_date => {
                status.iter().for_each(|status| self.status(*status));
                return Left::Kept(status.is_none().then_some(WarningKind::YesOrNoUnreadable));
            }
            _ => {}
        }
        self.statement.undeliverable.get_or_insert_with(Undeliverable::default);
        Left::Nothing
    }

    /// Leaves out a confirmation that nobody can have given, in files of a source that sets it for imports too.
    pub(super) fn drop_early_confirmation(&mut self) -> bool {
        let statement = &mut self.statement;
        let is_later = statement.is_confirmed_after_sign_up()
            || is_later_on_the_same_clock(statement.given_at.as_ref(), statement.confirmed_at.as_ref());
        if statement.confirmed_at.is_none() || is_later {
            return false;
        }
        statement.confirmed_at = None;
        statement.confirmed_ip_address = None;
        true
    }
}

/// Whether a time is later than another where both are without a zone: one file shows one clock.
fn is_later_on_the_same_clock(earlier: Option<&Moment>, later: Option<&Moment>) -> bool {
    let local = |moment: Option<&Moment>| match moment {
        Some(Moment::Vague(text)) => match dates::read(text, None) {
            Ok(Written::Local(local)) => Some(local),
            _ => None,
        },
        _ => None,
    };
    local(earlier).zip(local(later)).is_some_and(|(earlier, later)| later > earlier)
}

fn told(warning: Option<WarningKind>) -> Left {
    warning.map_or(Left::Nothing, Left::Taken)
}

fn note(evidence: &mut Evidence, what: &str, value: &str) {
    add_notes(evidence, [Some(format!("{what}: {}", kept(value)))]);
}

/// Whether a word for the way in which a contact came says that the account holder brought it.
fn is_import(method: &str) -> bool {
    const WORDS: [&str; 8] =
        ["import", "imported", "importé", "importée", "importiert", "importato", "importado", "importazione"];
    let first = method.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).map(str::to_lowercase);
    first.is_some_and(|first| WORDS.contains(&first.as_str()))
}

/// An address, also with a port, or the first of several that a proxy has written.
fn ip_address(value: &str) -> Option<IpAddr> {
    let first = value.split(',').next().unwrap_or(value).trim();
    let bare = || first.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    first.parse().ok().or_else(bare)
}

#[cfg(test)]
mod tests {
    use super::*;
    use carnet_core::model::ConsentKind;

    const MANNER: Manner<'_> = Manner { order: None, zone: None };

    fn said(cells: &[(&str, &str)]) -> Result<Said, ValueFault> {
        let (mut said, mut words) = (Said::default(), Reader::default());
        for (field, value) in cells {
            said.take(field.parse().unwrap(), value, MANNER, &mut words)?;
        }
        Ok(said)
    }

    fn kinds(cells: &[(&str, &str)]) -> Vec<ConsentKind> {
        said(cells).unwrap().statement.into_claims().into_iter().map(|claim| claim.kind).collect()
    }

    #[test]
    fn a_word_that_might_be_an_opt_out_is_never_passed_over() {
        assert_eq!(said(&[("consent.status", "gone fishing")]).err(), Some(ValueFault::Status));
        assert_eq!(said(&[("consent.opted-out", "perhaps")]).err(), Some(ValueFault::YesOrNo));
        assert_eq!(kinds(&[("consent.opted-in", "perhaps")]), []);
    }

    #[test]
    fn stops_are_read_in_whatever_way_they_are_written() {
        for cell in [
            ("consent.opted-out", "oui"),
            ("consent.opted-out", "2024-01-01T00:00:00Z"),
            ("consent.opted-out", "unsubscribed"),
            ("consent.opted-in", "unsubscribed"),
            ("consent.withdrawn-at", "long ago"),
            ("consent.status", "Désabonnée"),
            ("undeliverable", "unsubscribed"),
        ] {
            assert_eq!(kinds(&[cell]), [ConsentKind::Withdrawn], "{cell:?}");
        }
        assert_eq!(kinds(&[("consent.opted-out", "no"), ("consent.opted-out", "yes")]), [ConsentKind::Withdrawn]);
        assert_eq!(
            kinds(&[("consent.status", "unsubscribed"), ("consent.status", "subscribed")]),
            [ConsentKind::Withdrawn]
        );
    }

    #[test]
    fn addresses_of_the_network_are_read_with_port_and_proxies() {
        for text in ["192.0.2.7", "192.0.2.7:443", "192.0.2.7, 10.0.0.1"] {
            assert_eq!(ip_address(text), Some("192.0.2.7".parse().unwrap()));
        }
        assert_eq!(ip_address("[2001:db8::1]:80"), Some("2001:db8::1".parse().unwrap()));
        let unread =
            said(&[("consent.given-at", "2024-01-01T00:00:00Z"), ("consent.ip-address", "localhost")]).unwrap();
        let claims = unread.statement.into_claims();
        assert_eq!(claims[0].evidence.notes.as_deref(), Some("network address as the source has it: localhost"));
    }

    #[test]
    fn the_time_of_an_import_is_no_sign_up_and_a_confirmation_after_it_is_one() {
        let (given, by_import) = (("consent.given-at", "2024-01-01T00:00:00Z"), ("consent.method", "Import (CSV)"));
        assert_eq!(kinds(&[given, by_import]), []);
        assert_eq!(kinds(&[given, ("consent.method", "important customers' form")]), [ConsentKind::Given]);
        let confirmed = ("consent.confirmed-at", "2024-01-02T00:00:00Z");
        assert_eq!(kinds(&[given, by_import, confirmed]), [ConsentKind::Confirmed]);
        let yes = said(&[given, by_import, ("consent.opted-in", "yes")]).unwrap().statement.into_claims();
        assert_eq!((yes[0].kind, yes[0].at), (ConsentKind::Given, None));
        assert_eq!(kinds(&[given, by_import, ("consent.opted-out", "yes")]), [ConsentKind::Withdrawn]);
    }

    #[test]
    fn a_confirmation_at_the_time_of_an_import_is_none() {
        let mut import = said(&[("consent.confirmed-at", "2024-01-01T00:00:00Z")]).unwrap();
        assert!(import.drop_early_confirmation() && import.statement.into_claims().is_empty());
    }
}
