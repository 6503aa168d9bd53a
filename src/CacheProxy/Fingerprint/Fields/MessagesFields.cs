using static CacheProxy.Fingerprint.Fields.FieldRule;

namespace CacheProxy.Fingerprint.Fields;

/// <summary>Anthropic's API reference, <c>POST /v1/messages</c>, beta fields included.</summary>
internal static class MessagesFields
{
    public static FieldTable Table { get; } = new(
        In("model", RequestField.Model),
        In("messages", RequestField.Turns),
        In("system", RequestField.System),
        In("max_tokens", RequestField.MaxTokens),
        In("temperature", RequestField.Temperature, absent: "1", serversChoice: true),
        In("top_p", RequestField.TopP),
        In("top_k"),
        In("stop_sequences", absent: "[]"),
        In("tools", RequestField.Tools, verbatim: true),
        In("tool_choice", absent: """{"type":"auto"}"""),
        In("thinking", absent: """{"type":"disabled"}"""),
        In("output_config"),
        In("output_format", verbatim: true),
        In("context_management"),
        In("inference_geo"),
        In("service_tier", absent: "\"auto\""),
        In("mcp_servers", RequestField.HostedTools, absent: "[]"),
        In("container", RequestField.ServerState),
        Out("stream", RequestField.Stream),
        Out("metadata", RequestField.Metadata),
        // Where the provider may keep what it computed, never what it computes.
        Out("cache_control"),
        Out("priority"),
        Out("speculate"));
}
