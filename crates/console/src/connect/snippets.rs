//! Settings to paste. `docs/clients.md` holds the same, and says which were tried.

use super::{App, Facts, MODEL, SMALL_MODEL};

/// A text to paste, and where to.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) place: &'static str,
    pub(crate) text: String,
}

impl App {
    pub(crate) fn blocks(self, facts: Facts<'_>) -> Vec<Block> {
        let Facts { base, token } = facts;
        let one = |place, text: String| vec![Block { place, text }];
        let form = |place, address: &str| one(place, format!("{address}\n{token}\n{MODEL}"));
        match self {
            Self::ClaudeCode => one("shell", claude_code(facts)),
            Self::Codex => vec![
                Block { place: "~/.codex/config.toml", text: codex(base) },
                Block { place: "shell", text: format!("export GEMINI_BALANCE_TOKEN={token}") },
            ],
            Self::GeminiCli => vec![
                Block { place: "~/.gemini/settings.json", text: GEMINI_CLI.to_owned() },
                Block {
                    place: "shell",
                    text: format!(
                        "export GOOGLE_GEMINI_BASE_URL={base}\nexport GEMINI_API_KEY={token}\n\
                         gemini --model {MODEL}"
                    ),
                },
            ],
            Self::CherryStudio => form("Model providers → add, type OpenAI", base),
            Self::Chatbox => form("Model provider → add, OpenAI API compatible", base),
            Self::LobeChat => form("Language model → OpenAI", &format!("{base}/v1")),
            Self::NextChat => form("Settings → Custom endpoint", base),
            Self::OpenCat | Self::Ama => form("API host", base),
            Self::AionUi | Self::DeepChat => {
                form("Custom provider, OpenAI compatible", &format!("{base}/v1"))
            }
            Self::Cline => form("API provider → OpenAI Compatible", &format!("{base}/v1")),
            Self::Continue => one("config.yaml", continues(facts)),
            Self::Zed => one("settings.json", zed(base)),
            Self::OpenWebUi => {
                one("environment", format!("OPENAI_API_BASE_URL={base}/v1\nOPENAI_API_KEY={token}"))
            }
            Self::Dify => form("Model provider → OpenAI-API-compatible", &format!("{base}/v1")),
            Self::LiteLlm => one("config.yaml", litellm(facts)),
            Self::NewApi => form("Channel → type OpenAI", base),
            Self::LangChain => one("Python", langchain(facts)),
            Self::OpenAiPython => one("Python", openai_python(facts)),
            Self::OpenAiNode => one("JavaScript", openai_node(facts)),
            Self::AnthropicPython => one("Python", anthropic_python(facts)),
            Self::GoogleGenAi => one("Python", google_genai(facts)),
            Self::Curl => one("shell", curl(facts)),
        }
    }
}

const GEMINI_CLI: &str = r#"{
  "security": { "auth": { "selectedType": "gemini-api-key" } }
}"#;

fn claude_code(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "export ANTHROPIC_BASE_URL={base}\nexport ANTHROPIC_AUTH_TOKEN={token}\n\
         export ANTHROPIC_MODEL={MODEL}\nexport ANTHROPIC_DEFAULT_HAIKU_MODEL={SMALL_MODEL}\n\
         export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1\nclaude"
    )
}

fn codex(base: &str) -> String {
    format!(
        "model = \"{MODEL}\"\nmodel_provider = \"gemini-balance\"\n\
         model_context_window = 1048576\nweb_search = \"live\"\n\n\
         [model_providers.gemini-balance]\nname = \"gemini-balance\"\nbase_url = \"{base}/v1\"\n\
         env_key = \"GEMINI_BALANCE_TOKEN\"\nwire_api = \"responses\""
    )
}

fn continues(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "models:\n  - name: {MODEL}\n    provider: openai\n    model: {MODEL}\n    \
         apiBase: {base}/v1\n    apiKey: {token}"
    )
}

/// Zed asks for the token itself, and keeps it in the system's keyring.
fn zed(base: &str) -> String {
    format!(
        "\"language_models\": {{\n  \"openai_compatible\": {{\n    \"gemini-balance\": {{\n      \
         \"api_url\": \"{base}/v1\",\n      \"available_models\": [{{ \"name\": \"{MODEL}\", \
         \"max_tokens\": 1048576 }}]\n    }}\n  }}\n}}"
    )
}

fn litellm(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "model_list:\n  - model_name: {MODEL}\n    litellm_params:\n      model: openai/{MODEL}\n      \
         api_base: {base}/v1\n      api_key: {token}"
    )
}

fn langchain(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "from langchain_google_genai import ChatGoogleGenerativeAI\n\
         from langchain_openai import ChatOpenAI\n\n\
         ChatOpenAI(model=\"{MODEL}\", base_url=\"{base}/v1\", api_key=\"{token}\")\n\
         ChatGoogleGenerativeAI(model=\"{MODEL}\", base_url=\"{base}\", google_api_key=\"{token}\")"
    )
}

fn openai_python(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "from openai import OpenAI\n\n\
         client = OpenAI(base_url=\"{base}/v1\", api_key=\"{token}\")\n\
         answer = client.responses.create(model=\"{MODEL}\", input=\"Hello\")\n\
         print(answer.output_text)"
    )
}

fn openai_node(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "import OpenAI from \"openai\";\n\n\
         const client = new OpenAI({{ baseURL: \"{base}/v1\", apiKey: \"{token}\" }});\n\
         const answer = await client.responses.create({{ model: \"{MODEL}\", input: \"Hello\" }});\n\
         console.log(answer.output_text);"
    )
}

fn anthropic_python(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "from anthropic import Anthropic\n\n\
         client = Anthropic(base_url=\"{base}\", api_key=\"{token}\")\n\
         answer = client.messages.create(\n    model=\"{MODEL}\", max_tokens=1000,\n    \
         messages=[{{\"role\": \"user\", \"content\": \"Hello\"}}],\n)\nprint(answer.content)"
    )
}

fn google_genai(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "from google import genai\n\n\
         client = genai.Client(api_key=\"{token}\", http_options={{\"base_url\": \"{base}\"}})\n\
         answer = client.models.generate_content(model=\"{MODEL}\", contents=\"Hello\")\n\
         print(answer.text)"
    )
}

fn curl(Facts { base, token }: Facts<'_>) -> String {
    format!(
        "curl {base}/v1/chat/completions \\\n  -H \"Authorization: Bearer {token}\" \\\n  \
         -H \"Content-Type: application/json\" \\\n  -d '{{\"model\": \"{MODEL}\", \"messages\": \
         [{{\"role\": \"user\", \"content\": \"Hello\"}}]}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_is_told_the_address_and_the_token() {
        let facts = Facts { base: "https://gb.example.org", token: "gk_secret" };
        for app in App::ALL {
            let blocks = app.blocks(facts);
            let text: String = blocks.into_iter().map(|block| block.text).collect();
            assert!(text.contains(facts.base), "{}", app.name());
            assert_eq!(text.contains(facts.token), app != App::Zed, "{}", app.name());
        }
    }
}
