using System.Text.Json;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint.Dialects;

/// <summary>
/// The prompt of a completion: a text, tokens, or a list of either. A list of one is that one. It has no last question that could be asked
/// in other words: the text as a whole is what the model goes on from.
/// </summary>
internal sealed class CompletionsPrompt : IPromptReader
{
    // 'a' and the count: what stands in front of a list's only element.
    private const int ListHeadBytes = 5;

    public FieldTable Fields => CompletionsFields.Table;

    public string PromptName => "prompt";

    public bool AlwaysReportsUsage => false;

    public RequestError? Read(ref Utf8JsonReader reader, FieldRule rule, RequestDraft draft)
    {
        int start = draft.Buffer.Length;
        draft.NotePrompt(start);
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                draft.Buffer.WriteValue(ref reader, verbatim: false);
                return null;
            case JsonTokenType.StartArray:
                return ReadList(ref reader, draft, start);
            default:
                return RequestError.WrongType(PromptName, "a string or an array", JsonTypes.Describe(reader.TokenType));
        }
    }

    private RequestError? ReadList(ref Utf8JsonReader reader, RequestDraft draft, int start)
    {
        Utf8JsonReader ahead = reader;
        ahead.Read();
        JsonTokenType kind = ahead.TokenType;
        if (kind == JsonTokenType.EndArray)
        {
            return new RequestError($"Invalid '{PromptName}': the array is empty.", PromptName, "empty_array");
        }

        int count = 0;
        for (; ahead.TokenType != JsonTokenType.EndArray; count++)
        {
            if (ahead.TokenType != kind || kind is not (JsonTokenType.String or JsonTokenType.Number or JsonTokenType.StartArray))
            {
                return RequestError.WrongType($"{PromptName}[{count}]", "all strings, all tokens or all arrays of tokens", JsonTypes.Describe(ahead.TokenType));
            }

            ahead.Skip();
            ahead.Read();
        }

        draft.Prompts = kind == JsonTokenType.Number ? 1 : count;
        draft.Buffer.WriteValue(ref reader, verbatim: false);
        if (kind != JsonTokenType.Number && count == 1)
        {
            draft.Buffer.Cut(start, start + ListHeadBytes);
        }

        return null;
    }
}
