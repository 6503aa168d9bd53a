using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using CacheProxy.Fingerprint.Dialects;
using CacheProxy.Fingerprint.Fields;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint;

/// <summary>
/// Reads a request once, without a DOM: writes it canonically and gathers its facts. Refuses what nobody could answer (no JSON, no model,
/// no prompt); everything else is for the upstream to judge. Reused; one per thread and dialect.
/// </summary>
internal sealed class RequestReader(IPromptReader prompt)
{
    private readonly RequestDraft _draft = new();
    private FieldRule? _current;
    private bool _assumeProviderDefaults;

    public RequestDraft Draft => _draft;

    /// <summary>Null: read. Otherwise why not, naming the field.</summary>
    public RequestError? Read(ReadOnlySpan<byte> body, bool assumeProviderDefaults)
    {
        _draft.Clear();
        _current = null;
        _assumeProviderDefaults = assumeProviderDefaults;
        if (!Utf8.IsValid(body))
        {
            return new RequestError("The request body is not valid UTF-8.", null, "invalid_json");
        }

        var reader = new Utf8JsonReader(body, JsonTypes.ReaderOptions);
        try
        {
            return ReadRequest(ref reader) ?? Missing();
        }
        catch (JsonException) when (reader.CurrentDepth >= JsonTypes.MaxDepth)
        {
            return new RequestError($"The request body is nested deeper than {JsonTypes.MaxDepth} levels.", CurrentName, "invalid_json");
        }
        catch (JsonException exception)
        {
            return RequestError.MalformedJson(exception);
        }
        catch (InvalidOperationException)
        {
            return new RequestError("The request body holds an invalid string: half of a surrogate pair.", CurrentName, "invalid_json");
        }
    }

    private string? CurrentName => _current is { } rule ? Encoding.UTF8.GetString(rule.Name) : null;

    private RequestError? ReadRequest(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new RequestError("The request body must be a JSON object.", null, "invalid_type");
        }

        CanonicalBuffer buffer = _draft.Buffer;
        ulong seen = 0;
        int first = buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = buffer.Length;
            int index = prompt.Fields.Find(buffer.WriteString(ref reader));
            FieldRule? rule = _current = index < 0 ? null : prompt.Fields[index];
            NoteField(index, ref seen);
            reader.Read();
            int valueAt = buffer.Length;
            RequestError? error = rule is null ? ReadUnknown(ref reader) : rule.IsIrrelevant ? ReadIrrelevant(ref reader, rule) : ReadField(ref reader, rule);
            if (error is not null)
            {
                return error;
            }

            if (rule is not null && IsLeftOut(rule, buffer.Written[valueAt..]))
            {
                buffer.Truncate(start);
                continue;
            }

            _draft.Shared.AddField(rule?.Field ?? RequestField.Unknown, buffer.Written[valueAt..]);
            buffer.AddMember(start);
        }

        _current = null;
        // Read to the end: bytes after the object make the body no JSON.
        reader.Read();
        _draft.PromptAt = buffer.EndObject(first, keepOrder: false, _draft.HasPrompt ? _draft.PromptAt : -1);
        return null;
    }

    // The model is hashed as its route resolves it.
    private bool IsLeftOut(FieldRule rule, ReadOnlySpan<byte> value)
        => rule.IsIrrelevant || rule.Field == RequestField.Model || rule.IsAbsent(value, _assumeProviderDefaults);

    // A field that is left out never meets its twin in the buffer: known ones are told apart here, unknown ones are never left out.
    private void NoteField(int index, ref ulong seen)
    {
        ulong bit = index < 0 ? 0 : 1UL << index;
        if ((seen & bit) != 0)
        {
            _draft.Buffer.NoteDuplicateName();
        }

        seen |= bit;
    }

    private RequestError? Missing()
    {
        // What the provider keeps may name the model and hold the prompt.
        if (_draft.UsesServerState)
        {
            return null;
        }

        return _draft.Model is null ? RequestError.Missing("model") : _draft.HasPrompt ? null : RequestError.Missing(prompt.PromptName);
    }

    private RequestError? ReadUnknown(ref Utf8JsonReader reader)
    {
        _draft.Buffer.WriteValue(ref reader, verbatim: false);
        return null;
    }

    private RequestError? ReadIrrelevant(ref Utf8JsonReader reader, FieldRule rule)
    {
        JsonTokenType type = reader.TokenType;
        switch (rule.Field)
        {
            case RequestField.Stream when type is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null):
                return RequestError.WrongType("stream", "a boolean", JsonTypes.Describe(type));
            case RequestField.Stream:
                _draft.IsStream = type == JsonTokenType.True;
                _draft.IncludesUsage |= prompt.AlwaysReportsUsage;
                return null;
            case RequestField.User:
                _draft.User = type == JsonTokenType.String ? reader.GetString() : null;
                break;
            case RequestField.SafetyIdentifier:
                _draft.SafetyIdentifier = type == JsonTokenType.String ? reader.GetString() : null;
                break;
            case RequestField.Metadata:
                _draft.User = MemberProbe.Text(reader, "user_id"u8);
                break;
            case RequestField.StreamOptions:
                _draft.IncludesUsage = MemberProbe.IsTrue(reader, "include_usage"u8);
                break;
        }

        reader.Skip();
        return null;
    }

    private RequestError? ReadField(ref Utf8JsonReader reader, FieldRule rule)
    {
        JsonTokenType type = reader.TokenType;
        switch (rule.Field)
        {
            case RequestField.Model:
                return ReadModel(ref reader);
            case RequestField.Turns or RequestField.Prompt or RequestField.System or RequestField.Tools when type != JsonTokenType.Null:
                return prompt.Read(ref reader, rule, _draft);
        }

        RequestError? error = type == JsonTokenType.Null ? null : FieldFacts.Note(reader, rule, _draft);
        _draft.Buffer.WriteValue(ref reader, rule.IsVerbatim);
        return error;
    }

    private RequestError? ReadModel(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return RequestError.WrongType("model", "a string", JsonTypes.Describe(reader.TokenType));
        }

        _draft.Model = reader.GetString();
        return _draft.Model!.Length > 0 ? null : RequestError.InvalidValue("model", "it is empty.");
    }
}
