//! What travels beside an export in clear, so that its recipient can see that it is whole. It names nobody.

use carnet_core::model::Controller;
use carnet_desk::{ExportFile, ExportReport};
use serde_json::json;

use super::delivery::Order;

/// What a manifest is made of.
pub(super) struct Manifest<'m> {
    pub(super) report: &'m ExportReport,
    pub(super) file: &'m ExportFile,
    pub(super) order: &'m Order<'m>,
    pub(super) controller: &'m Controller,
}

/// The text of a manifest.
pub(super) fn manifest(of: &Manifest<'_>) -> String {
    let (report, order) = (of.report, of.order);
    let name = order.to.file_name().map(|name| name.to_string_lossy().into_owned());
    let value = json!({
        "manifest": "carnet-export/1",
        "export": report.id.to_string(),
        "at": report.at.to_string(),
        "controller": of.controller.name,
        "recipient": order.new.recipient.trim(),
        "country": order.new.country.map(|country| country.to_string()),
        "purpose": order.purpose,
        "file": name,
        "encryption": format!("age/{}", order.encryption.kind()),
        "bytes": of.file.bytes,
        "sha256": hex::encode(of.file.sha256),
        "format": order.format.as_str(),
        "columns": order.format.columns(),
        "plain_sha256": hex::encode(of.file.plain_sha256),
        "members": report.members,
        "left": report.left,
        "withheld": super::withheld(report),
        "traced": report.canaries > 0,
        "policy": hex::encode(report.policy),
        "checkpoint": report.checkpoint,
    });
    format!("{value:#}\n")
}
