using System.Text.Json;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint.Dialects;

/// <summary>The prompt of a response: <c>instructions</c>, <c>input</c> as a text or as items, and <c>tools</c>.</summary>
internal sealed class ResponsesPrompt : IPromptReader
{
    private readonly TurnReader _turns = new(TurnRules.Responses);

    public FieldTable Fields => ResponsesFields.Table;

    public string PromptName => "input";

    public bool AlwaysReportsUsage => true;

    public RequestError? Read(ref Utf8JsonReader reader, FieldRule rule, RequestDraft draft)
    {
        switch (rule.Field)
        {
            case RequestField.Tools:
                draft.HasTools = true;
                draft.HasHostedTools |= ToolProbe.HasHosted(reader, IsClientSide);
                draft.Buffer.WriteValue(ref reader, verbatim: true);
                return null;
            case RequestField.System:
                int start = draft.Buffer.Length;
                bool isText = reader.TokenType == JsonTokenType.String && !string.IsNullOrWhiteSpace(reader.GetString());
                draft.Buffer.WriteValue(ref reader, verbatim: false);
                draft.Shared.AddSystem(isText ? draft.Buffer.Written[start..] : default);
                return null;
            case RequestField.Turns when reader.TokenType == JsonTokenType.String:
                TurnReader.ReadText(ref reader, draft);
                return null;
            default:
                return reader.TokenType == JsonTokenType.StartArray
                    ? _turns.ReadList(ref reader, draft, PromptName)
                    : RequestError.WrongType(PromptName, "a string or an array of items", JsonTypes.Describe(reader.TokenType));
        }
    }

    private static bool IsClientSide(string? type) => type is "function" or "custom" or "local_shell" or "apply_patch" or "computer" or "computer_use_preview";
}
