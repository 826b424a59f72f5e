//! Questions of officers to the owner of a list, and the answers.

use carnet_core::model::{Controller, DecisionKind, ListId, ListStatus};
use carnet_core::policy::Operation;
use carnet_store::DecisionRow;

use super::close::said;
use super::decide::NewDecision;
use crate::{Desk, DeskError};

impl Desk<'_> {
    /// Asks the owner of a list something. The list stays as closed as it is.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for an empty question, and where it could change nothing.
    pub fn ask_about_list(&self, controller: &Controller, list: ListId, question: &str) -> Result<(), DeskError> {
        let question = said(question, "what you want to know")?;
        self.act(Operation::ListAsk, controller, list, |tx, act| {
            if act.standing.list.status == ListStatus::Withdrawn {
                return Err(DeskError::Invalid(
                    "this list is withdrawn; there is nothing to decide about it".to_owned(),
                ));
            }
            self.put_decision(tx, act, &NewDecision::of(DecisionKind::Ask, question))?;
            act.more.push(("question", question.to_owned()));
            Ok(())
        })
    }

    /// Answers the open question about a list.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for an empty answer, and where no question is open.
    pub fn answer_about_list(&self, controller: &Controller, list: ListId, answer: &str) -> Result<(), DeskError> {
        let answer = said(answer, "what you know")?;
        self.act(Operation::ListAnswer, controller, list, |tx, act| {
            if open_question(&tx.list_decisions(controller.id, list)?).is_none() {
                return Err(DeskError::Invalid("no officer has asked anything that is not answered".to_owned()));
            }
            self.put_decision(tx, act, &NewDecision::of(DecisionKind::Answer, answer))?;
            act.more.push(("answer", answer.to_owned()));
            Ok(())
        })
    }
}

/// The last question, if nothing was answered or decided since.
pub(super) fn open_question(decisions: &[DecisionRow]) -> Option<&DecisionRow> {
    let settles = |kind| {
        matches!(kind, DecisionKind::Answer | DecisionKind::Release | DecisionKind::Block | DecisionKind::Withdraw)
    };
    decisions.iter().rev().take_while(|one| !settles(one.kind)).find(|one| one.kind == DecisionKind::Ask)
}
