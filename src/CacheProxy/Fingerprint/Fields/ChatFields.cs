using static CacheProxy.Fingerprint.Fields.FieldRule;

namespace CacheProxy.Fingerprint.Fields;

/// <summary>OpenAI's API reference, <c>POST /v1/chat/completions</c>, and what compatible servers add that cannot change an answer.</summary>
internal static class ChatFields
{
    public static FieldTable Table { get; } = new(
        In("model", RequestField.Model),
        In("messages", RequestField.Turns),
        In("temperature", RequestField.Temperature, absent: "1", serversChoice: true),
        In("top_p", RequestField.TopP, absent: "1", serversChoice: true),
        In("n", RequestField.Choices, absent: "1"),
        In("max_tokens", RequestField.MaxTokens),
        In("max_completion_tokens", RequestField.MaxTokens),
        In("presence_penalty", absent: "0"),
        In("frequency_penalty", absent: "0"),
        In("logprobs", RequestField.LogProbs, absent: "false"),
        In("top_logprobs"),
        In("logit_bias", absent: "{}"),
        In("stop"),
        In("seed", RequestField.Seed),
        In("tools", RequestField.Tools, verbatim: true),
        In("functions", RequestField.Tools, verbatim: true),
        In("tool_choice", absent: "\"auto\""),
        In("function_call", absent: "\"auto\""),
        In("parallel_tool_calls", absent: "true"),
        In("response_format", absent: """{"type":"text"}""", verbatim: true),
        In("modalities", RequestField.Modalities, absent: """["text"]"""),
        In("audio"),
        In("prediction"),
        In("reasoning_effort"),
        In("verbosity"),
        In("moderation"),
        In("service_tier", absent: "\"auto\""),
        In("web_search_options", RequestField.HostedTools),
        In("store", RequestField.ServerState, absent: "false"),
        In("conversation", RequestField.ServerState),
        In("conversation_id", RequestField.ServerState),
        In("previous_response_id", RequestField.ServerState),
        Out("stream", RequestField.Stream),
        Out("stream_options", RequestField.StreamOptions),
        Out("user", RequestField.User),
        Out("metadata"),
        Out("safety_identifier", RequestField.SafetyIdentifier),
        Out("prompt_cache_key"),
        Out("prompt_cache_retention"),
        Out("prompt_cache_options"),
        // The bundled backend's: when it runs and how it drafts, never what it says.
        Out("priority"),
        Out("speculate"));
}
