using System.Text.Json;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint;

/// <summary>What the later stages want to know of a parameter's value.</summary>
internal static class FieldFacts
{
    private const string LogProbsOfText = "message.output_text.logprobs";

    /// <param name="reader">A copy that stands on the value, which is not null.</param>
    /// <returns>Null, or what nobody could answer.</returns>
    public static RequestError? Note(Utf8JsonReader reader, FieldRule rule, RequestDraft draft)
    {
        JsonTokenType type = reader.TokenType;
        switch (rule.Field)
        {
            case RequestField.Temperature when type != JsonTokenType.Number:
                return RequestError.WrongType("temperature", "a number", JsonTypes.Describe(type));
            case RequestField.Temperature:
                draft.Temperature = reader.GetDouble();
                if (draft.Temperature is not (>= 0 and <= 1))
                {
                    draft.Shared.Spoil();
                }

                break;
            case RequestField.Choices:
                if (type != JsonTokenType.Number || WholeNumber(reader) is not { } choices)
                {
                    return RequestError.WrongType("n", "an integer", JsonTypes.Describe(type));
                }

                draft.Choices = choices;
                break;
            case RequestField.MaxTokens when type == JsonTokenType.Number:
                draft.MaxTokens = WholeNumber(reader);
                break;
            case RequestField.User:
                draft.User = type == JsonTokenType.String ? reader.GetString() : null;
                break;
            case RequestField.SafetyIdentifier:
                draft.SafetyIdentifier = type == JsonTokenType.String ? reader.GetString() : null;
                break;
            case RequestField.Seed:
                draft.HasSeed = type == JsonTokenType.Number;
                break;
            case RequestField.ServerState:
                draft.UsesServerState |= type != JsonTokenType.False;
                break;
            case RequestField.HostedTools:
                // An empty list of servers is none.
                draft.HasHostedTools |= type != JsonTokenType.StartArray || (reader.Read() && reader.TokenType != JsonTokenType.EndArray);
                break;
            case RequestField.LogProbs:
                draft.WantsLogProbs = type is JsonTokenType.True or JsonTokenType.Number;
                break;
            case RequestField.Include:
                draft.WantsLogProbs = Holds(reader, LogProbsOfText);
                break;
            case RequestField.Modalities:
                draft.WantsNonTextOutput = HoldsMoreThanText(reader);
                break;
        }

        return null;
    }

    // 1.0 is as whole as 1: some clients have no integers.
    private static int? WholeNumber(Utf8JsonReader reader)
    {
        if (reader.TryGetInt32(out int value))
        {
            return value;
        }

        return reader.TryGetDouble(out double number) && number == Math.Truncate(number) && Math.Abs(number) < int.MaxValue ? (int)number : null;
    }

    private static bool Holds(Utf8JsonReader reader, string text)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String && reader.ValueTextEquals(text))
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool HoldsMoreThanText(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return true;
        }

        bool more = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            more |= reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("text"u8);
            reader.Skip();
        }

        return more;
    }
}
