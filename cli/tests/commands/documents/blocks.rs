//! The fenced blocks of a Markdown file, and what is said of them.
//!
//! `sh` is a script and `console` a session (`$ ` before each command, then what it prints): both are run. What can't run here
//! has a comment in the line above, `<!-- not run: why -->`, which no reader of the page sees.

/// Languages of blocks that nobody runs.
const DATA: [&str; 6] = ["json", "yaml", "toml", "text", "http", "wit"];

/// A block that is run, or not.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// Line of the fence, from 1.
    pub line: usize,
    pub form: Form,
    /// Why it is not run.
    pub excuse: Option<String>,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Script,
    Session,
    /// JSON; the answer to the script before, where one stands there.
    Json,
    Data,
}

impl Block {
    /// Tells whether the block is for a shell, and no excuse stands above it.
    pub fn is_run(&self) -> bool {
        matches!(self.form, Form::Script | Form::Session) && self.excuse.is_none()
    }
}

/// All blocks of a file, or each that says too little of itself.
pub fn read(markdown: &str) -> Result<Vec<Block>, Vec<String>> {
    let mut lines = markdown.lines().enumerate();
    let (mut blocks, mut faults) = (Vec::new(), Vec::new());
    let mut above = "";
    while let Some((index, line)) = lines.next() {
        let indented = line.trim_start();
        if let Some(language) = indented.strip_prefix("```") {
            let margin = line.len() - indented.len();
            let text = lines
                .by_ref()
                .map(|(_, line)| line.get(margin..).unwrap_or_default())
                .take_while(|line| !line.starts_with("```"))
                .map(|line| format!("{line}\n"))
                .collect();
            match block(index + 1, language, above, text) {
                Ok(block) => blocks.push(block),
                Err(fault) => faults.push(format!("{}: {fault}", index + 1)),
            }
        }
        above = indented;
    }
    match faults.is_empty() {
        true => Ok(blocks),
        false => Err(faults),
    }
}

fn block(line: usize, language: &str, above: &str, text: String) -> Result<Block, String> {
    let form = match language.trim() {
        "sh" => Form::Script,
        "console" => Form::Session,
        "json" => Form::Json,
        data if DATA.contains(&data) => Form::Data,
        other => {
            return Err(format!(
                "```{other}: say `sh` or `console` and it is run, or one of {DATA:?}"
            ));
        }
    };
    let excuse = above
        .strip_prefix("<!-- not run: ")
        .and_then(|rest| rest.strip_suffix(" -->"));
    match excuse {
        None if above.contains("not run") && above.starts_with("<!--") => {
            Err("write `<!-- not run: why -->`".to_owned())
        }
        Some(why) if why.split_whitespace().count() < 3 => Err(format!("{why:?} is no reason")),
        Some(_) if matches!(form, Form::Json | Form::Data) => Err("nobody would run it".to_owned()),
        excuse => Ok(Block {
            line,
            form,
            excuse: excuse.map(str::to_owned),
            text,
        }),
    }
}

#[test]
fn a_block_is_run_or_says_why_not() {
    let page = "# A page\n\n```sh\nls\n```\n\n<!-- not run: needs a real GitLab -->\n```console\n$ a\nb\n```\n\n* item\n  ```json\n  {\n  }\n  ```\n";
    let blocks = read(page).unwrap();
    let forms: Vec<Form> = blocks.iter().map(|block| block.form).collect();
    assert_eq!(forms, [Form::Script, Form::Session, Form::Json]);
    assert_eq!((blocks[0].line, blocks[0].text.as_str()), (3, "ls\n"));
    assert_eq!(blocks[1].excuse.as_deref(), Some("needs a real GitLab"));
    assert_eq!(blocks[2].text, "{\n}\n");
    for unmarked in [
        "```\nls\n```\n",
        "```bash\nls\n```\n",
        "<!-- not run -->\n```sh\nls\n```\n",
        "<!-- not run: no -->\n```sh\nls\n```\n",
        "<!-- not run: it is only data -->\n```json\n{}\n```\n",
    ] {
        assert_eq!(read(unmarked).unwrap_err().len(), 1, "{unmarked}");
    }
}
