using System.Text.Json;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint.Dialects;

/// <summary>The prompt of a chat completion: <c>messages</c>, and <c>tools</c> or the older <c>functions</c>.</summary>
internal sealed class ChatPrompt : IPromptReader
{
    private readonly TurnReader _turns = new(TurnRules.Chat);

    public FieldTable Fields => ChatFields.Table;

    public string PromptName => "messages";

    public bool AlwaysReportsUsage => false;

    public RequestError? Read(ref Utf8JsonReader reader, FieldRule rule, RequestDraft draft)
    {
        if (rule.Field == RequestField.Tools)
        {
            draft.HasTools = true;
            draft.HasHostedTools |= rule.IsNamed("tools"u8) && ToolProbe.HasHosted(reader, IsClientSide);
            draft.Buffer.WriteValue(ref reader, verbatim: true);
            return null;
        }

        return reader.TokenType == JsonTokenType.StartArray
            ? _turns.ReadList(ref reader, draft, PromptName)
            : RequestError.WrongType(PromptName, "an array of objects", JsonTypes.Describe(reader.TokenType));
    }

    private static bool IsClientSide(string? type) => type is null or "function" or "custom";
}
