use super::*;

fn mapping() -> Mapping {
    Mapping::from_text(
        "zone = \"Europe/Paris\"\n[words.status]\nclient = \"never-opted-in\"\n\
         [[column]]\nname = \"E-mail\"\nfield = \"email\"\n\
         [[column]]\nname = \"Inscription\"\nfield = \"consent.given-at\"\norder = \"day-first\"\n\
         [[column]]\nname = \"Pointure\"\n",
    )
    .unwrap()
}

#[test]
fn the_text_reads_back_and_is_always_the_same() {
    let text = mapping().to_text().unwrap();
    assert_eq!(Mapping::from_text(&text).unwrap(), mapping());
    assert_eq!(Mapping::from_text(&text).unwrap().to_text().unwrap(), text);
    insta::assert_snapshot!(text);
    insta::assert_snapshot!(mapping().to_string());
    assert_eq!(mapping().unmapped().collect::<Vec<_>>(), ["Pointure"]);
}

#[test]
fn a_misspelt_mapping_is_refused_and_said_where() {
    let error = Mapping::from_text("[[column]]\nname = \"A\"\nfield = \"e-mail\"\n").unwrap_err().to_string();
    assert!(error.contains("line 3") && error.contains("not a field"), "{error}");
    assert!(Mapping::from_text("[[column]]\nname = \"A\"\nfeild = \"email\"\n").is_err());
}

#[test]
fn what_somebody_says_counts() {
    let say = |text: &str| mapping().with(&[text.parse().unwrap()]);
    let fields =
        |mapping: Mapping| mapping.columns.iter().map(|column| column.field.map(Field::as_str)).collect::<Vec<_>>();
    assert_eq!(fields(say("pointure=note").unwrap()), [Some("email"), Some("consent.given-at"), Some("note")]);
    assert_eq!(fields(say("#3=consent.given-at").unwrap()), [Some("email"), None, Some("consent.given-at")]);
    assert_eq!(fields(say("Inscription=keep").unwrap()), [Some("email"), None, None]);
    assert_eq!(fields(say("Inscription=ignore").unwrap()), [Some("email"), Some("ignore"), None]);
    let both = ["#2=source".parse().unwrap(), "#3=source".parse().unwrap()];
    assert!(matches!(mapping().with(&both), Err(MappingError::Twice { field: Field::Source, .. })));
    let missing = say("Shoe=note").unwrap_err().to_string();
    assert!(missing.contains("no column Shoe") && missing.contains("Pointure"), "{missing}");
}

#[test]
fn what_is_no_override_is_told_with_what_would_be() {
    assert_eq!("email".parse::<Override>(), Err(MappingError::NoEquals));
    let error = "E-mail=mail".parse::<Override>().unwrap_err().to_string();
    assert!(error.starts_with("mail is not a field") && error.contains("consent.given-at"), "{error}");
    assert_eq!("a=b=email".parse::<Override>().unwrap().column, "a=b");
}

#[test]
fn a_saved_mapping_is_used_for_another_file() {
    let heads = ["pointure", "INSCRIPTION", "Ville", "e mail"].map(str::to_owned);
    let fitted = mapping().for_heads(&heads).unwrap();
    let fields = fitted.columns.iter().map(|column| column.field.map(Field::as_str)).collect::<Vec<_>>();
    assert_eq!(fields, [None, Some("consent.given-at"), None, Some("email")]);
    assert!(matches!(mapping().for_heads(&heads[..3]), Err(MappingError::NoSuchColumn { .. })));
}
