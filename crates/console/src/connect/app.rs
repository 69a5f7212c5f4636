use crate::words::connect::ConnectWords;

/// A client that can be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum App {
    ClaudeCode,
    Codex,
    GeminiCli,
    CherryStudio,
    Chatbox,
    LobeChat,
    NextChat,
    OpenCat,
    Ama,
    AionUi,
    DeepChat,
    Cline,
    Continue,
    Zed,
    OpenWebUi,
    Dify,
    LiteLlm,
    NewApi,
    LangChain,
    OpenAiPython,
    OpenAiNode,
    AnthropicPython,
    GoogleGenAi,
    Curl,
}

impl App {
    pub(crate) const ALL: [Self; 24] = [
        Self::ClaudeCode,
        Self::Codex,
        Self::GeminiCli,
        Self::CherryStudio,
        Self::Chatbox,
        Self::LobeChat,
        Self::NextChat,
        Self::OpenCat,
        Self::Ama,
        Self::AionUi,
        Self::DeepChat,
        Self::Cline,
        Self::Continue,
        Self::Zed,
        Self::OpenWebUi,
        Self::Dify,
        Self::LiteLlm,
        Self::NewApi,
        Self::LangChain,
        Self::OpenAiPython,
        Self::OpenAiNode,
        Self::AnthropicPython,
        Self::GoogleGenAi,
        Self::Curl,
    ];

    /// In addresses.
    pub(crate) fn id(self) -> &'static str {
        self.id_and_name().0
    }

    pub(crate) fn name(self) -> &'static str {
        self.id_and_name().1
    }

    pub(crate) fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|app| app.id() == id)
    }

    fn id_and_name(self) -> (&'static str, &'static str) {
        match self {
            Self::ClaudeCode => ("claude-code", "Claude Code"),
            Self::Codex => ("codex", "Codex CLI"),
            Self::GeminiCli => ("gemini-cli", "Gemini CLI"),
            Self::CherryStudio => ("cherry-studio", "Cherry Studio"),
            Self::Chatbox => ("chatbox", "Chatbox"),
            Self::LobeChat => ("lobe-chat", "Lobe Chat"),
            Self::NextChat => ("nextchat", "NextChat"),
            Self::OpenCat => ("opencat", "OpenCat"),
            Self::Ama => ("ama", "AMA"),
            Self::AionUi => ("aionui", "AionUI"),
            Self::DeepChat => ("deepchat", "DeepChat"),
            Self::Cline => ("cline", "Cline, Roo Code"),
            Self::Continue => ("continue", "Continue"),
            Self::Zed => ("zed", "Zed"),
            Self::OpenWebUi => ("open-webui", "Open WebUI"),
            Self::Dify => ("dify", "Dify"),
            Self::LiteLlm => ("litellm", "LiteLLM"),
            Self::NewApi => ("new-api", "new-api, one-api"),
            Self::LangChain => ("langchain", "LangChain"),
            Self::OpenAiPython => ("openai-python", "openai (Python)"),
            Self::OpenAiNode => ("openai-node", "openai (Node)"),
            Self::AnthropicPython => ("anthropic-python", "anthropic (Python)"),
            Self::GoogleGenAi => ("google-genai", "google-genai"),
            Self::Curl => ("curl", "curl"),
        }
    }

    /// Which program opens its link, if there is a link.
    pub(crate) fn opener(self) -> Option<&'static str> {
        match self {
            Self::ClaudeCode | Self::Codex | Self::GeminiCli => Some("CC Switch"),
            Self::CherryStudio
            | Self::Chatbox
            | Self::LobeChat
            | Self::NextChat
            | Self::OpenCat
            | Self::Ama
            | Self::AionUi
            | Self::DeepChat => Some(self.name()),
            _ => None,
        }
    }

    /// Whether its link is a web site, which learns the token.
    pub(crate) fn is_site(self) -> bool {
        matches!(self, Self::LobeChat | Self::NextChat)
    }

    /// What is peculiar to it.
    pub(crate) fn habit(self, w: &ConnectWords) -> &'static str {
        match self {
            Self::ClaudeCode => w.habit_claude_code,
            Self::Codex => w.habit_codex,
            Self::GeminiCli => w.habit_gemini_cli,
            Self::CherryStudio | Self::NewApi => w.habit_adds_version,
            Self::Chatbox => w.habit_chatbox,
            Self::NextChat | Self::OpenCat | Self::Ama | Self::AionUi | Self::DeepChat => {
                w.habit_bare
            }
            Self::LobeChat
            | Self::Cline
            | Self::Continue
            | Self::Zed
            | Self::Dify
            | Self::LiteLlm
            | Self::OpenAiPython
            | Self::OpenAiNode => w.habit_wants_version,
            Self::OpenWebUi => w.habit_container,
            Self::LangChain => w.habit_langchain,
            Self::AnthropicPython | Self::GoogleGenAi => w.habit_adds_own,
            Self::Curl => w.habit_curl,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_an_address_of_its_own() {
        let ids: BTreeSet<_> = App::ALL.iter().map(|app| app.id()).collect();
        assert_eq!(ids.len(), App::ALL.len());
        for app in App::ALL {
            assert_eq!(App::of_id(app.id()), Some(app));
        }
        assert_eq!(App::of_id("nothing"), None);
    }
}
