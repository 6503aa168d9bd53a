using System.Text.Json;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint.Dialects;

/// <summary>The prompt of Anthropic's messages: <c>system</c> as a text or as blocks, <c>messages</c> and <c>tools</c>.</summary>
internal sealed class MessagesPrompt : IPromptReader
{
    // Tools that Anthropic defines and the client runs; their types end with a date. All others run at the provider.
    private static readonly string[] ClientSide = ["bash_", "text_editor_", "computer_", "memory_"];

    private readonly TurnReader _turns = new(TurnRules.Messages);
    private readonly BlockWriter _blocks = new(TurnRules.Messages);

    public FieldTable Fields => MessagesFields.Table;

    public string PromptName => "messages";

    public bool AlwaysReportsUsage => true;

    public RequestError? Read(ref Utf8JsonReader reader, FieldRule rule, RequestDraft draft)
    {
        switch (rule.Field)
        {
            case RequestField.Tools:
                draft.HasTools = true;
                draft.HasHostedTools |= ToolProbe.HasHosted(reader, IsClientSide);
                _blocks.WriteBlocks(ref reader, draft.Buffer, verbatim: true);
                return null;
            case RequestField.System:
                int start = draft.Buffer.Length;
                ContentProbe content = ContentProbe.Inspect(reader, TurnRules.Messages);
                draft.HasRemoteContent |= content.HasRemote;
                _blocks.WriteContent(ref reader, draft.Buffer, content);
                draft.Shared.AddSystem(content.IsOneText && !string.IsNullOrWhiteSpace(content.Text) ? draft.Buffer.Written[start..] : default);
                return null;
            default:
                return reader.TokenType == JsonTokenType.StartArray
                    ? _turns.ReadList(ref reader, draft, PromptName)
                    : RequestError.WrongType(PromptName, "an array of objects", JsonTypes.Describe(reader.TokenType));
        }
    }

    private static bool IsClientSide(string? type)
        => type is null or "custom" || Array.Exists(ClientSide, prefix => type.StartsWith(prefix, StringComparison.Ordinal));
}
