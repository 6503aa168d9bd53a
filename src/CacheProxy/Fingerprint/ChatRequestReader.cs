using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using CacheProxy.Exchange;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint;

/// <summary>
/// Reads a chat request once, without a DOM: writes it canonically and gathers <see cref="RequestFacts"/>. Refuses what nobody could
/// answer (no JSON, no model, no messages); everything else is for the upstream to judge. Reused; one per thread.
/// </summary>
internal sealed class ChatRequestReader
{
    private readonly CanonicalBuffer _buffer = new();
    private readonly List<int> _messageEnds = [];
    private RequestFacts _facts = null!;
    private string? _model;
    private bool _hasMessages;
    private bool _assumeOpenAIDefaults;
    private int _messagesAt;
    private (int Start, int End) _question;

    /// <summary>The canonical request; more may be appended to it.</summary>
    public CanonicalBuffer Buffer => _buffer;

    public RequestFacts Facts => _facts;

    /// <summary>Where the last user turn's content lies in <see cref="Buffer"/>; only where the facts have its text.</summary>
    public (int Start, int End) Question => (_messagesAt + _question.Start, _messagesAt + _question.End);

    /// <summary>Where the messages' value begins in <see cref="Buffer"/>.</summary>
    public int MessagesStart => _messagesAt;

    /// <summary>Where each message ends, counted from <see cref="MessagesStart"/>.</summary>
    public ReadOnlySpan<int> MessageEnds => CollectionsMarshal.AsSpan(_messageEnds);

    /// <summary>Null: read. Otherwise why not, naming the field.</summary>
    public RequestError? Read(ReadOnlySpan<byte> body, bool assumeOpenAIDefaults)
    {
        _buffer.Clear();
        _messageEnds.Clear();
        _facts = new RequestFacts { Model = "" };
        _model = null;
        _hasMessages = false;
        _question = default;
        _assumeOpenAIDefaults = assumeOpenAIDefaults;
        if (!Utf8.IsValid(body))
        {
            return new RequestError("The request body is not valid UTF-8.", null, "invalid_json");
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            return ReadRequest(ref reader);
        }
        catch (JsonException exception)
        {
            return RequestError.MalformedJson(exception);
        }
        catch (InvalidOperationException)
        {
            return new RequestError("The request body holds an invalid string: half of a surrogate pair.", null, "invalid_json");
        }
    }

    private RequestError? ReadRequest(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new RequestError("The request body must be a JSON object.", null, "invalid_type");
        }

        int messagesMember = -1;
        ulong seen = 0;
        int first = _buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = _buffer.Length;
            ChatField field = ChatFields.Find(_buffer.WriteString(ref reader));
            NoteField(field, ref seen);
            reader.Read();
            int valueAt = _buffer.Length;
            bool isIrrelevant = ChatFields.IsIrrelevant(field);
            RequestError? error = isIrrelevant ? ReadIrrelevant(ref reader, field) : ReadField(ref reader, field);
            if (error is not null)
            {
                return error;
            }

            // The model is hashed as its route resolves it.
            if (isIrrelevant || field == ChatField.Model || ChatFields.IsDefault(field, _buffer.Written[valueAt..], _assumeOpenAIDefaults))
            {
                _buffer.Truncate(start);
                continue;
            }

            messagesMember = field == ChatField.Messages ? valueAt : messagesMember;
            _buffer.AddMember(start);
        }

        // Read to the end: bytes after the object make the body no JSON.
        reader.Read();
        _messagesAt = _buffer.EndObject(first, keepOrder: false, messagesMember);
        return Missing();
    }

    // A field that is left out never meets its twin in the buffer: known ones are told apart here, unknown ones are never left out.
    private void NoteField(ChatField field, ref ulong seen)
    {
        ulong bit = field == ChatField.Unknown ? 0 : 1UL << (int)field;
        if ((seen & bit) != 0)
        {
            _buffer.NoteDuplicateName();
        }

        seen |= bit;
    }

    private RequestError? Missing()
    {
        if (_model is null)
        {
            return RequestError.Missing("model");
        }

        _facts = _facts with { Model = _model };
        return _hasMessages ? null : RequestError.Missing("messages");
    }

    private RequestError? ReadIrrelevant(ref Utf8JsonReader reader, ChatField field)
    {
        switch (field)
        {
            case ChatField.Stream when reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null):
                return RequestError.WrongType("stream", "a boolean", Describe(reader.TokenType));
            case ChatField.Stream:
                _facts = _facts with { IsStream = reader.TokenType == JsonTokenType.True };
                return null;
            case ChatField.User:
                _facts = _facts with { User = reader.TokenType == JsonTokenType.String ? reader.GetString() : null };
                break;
            case ChatField.StreamOptions:
                _facts = _facts with { IncludesUsage = WantsUsage(reader) };
                break;
        }

        reader.Skip();
        return null;
    }

    private RequestError? ReadField(ref Utf8JsonReader reader, ChatField field)
    {
        JsonTokenType type = reader.TokenType;
        switch (field)
        {
            case ChatField.Messages:
                return ReadMessages(ref reader);
            case ChatField.Model when type != JsonTokenType.String || reader.ValueSpan.IsEmpty:
                return type == JsonTokenType.String
                    ? RequestError.InvalidValue("model", "it is empty.")
                    : RequestError.WrongType("model", "a string", Describe(type));
            case ChatField.Model:
                _model = reader.GetString();
                break;
            case ChatField.Temperature when type is not (JsonTokenType.Number or JsonTokenType.Null):
                return RequestError.WrongType("temperature", "a number", Describe(type));
            case ChatField.Temperature when type == JsonTokenType.Number:
                _facts = _facts with { Temperature = reader.GetDouble() };
                break;
            case ChatField.Choices when type == JsonTokenType.Null:
                break;
            case ChatField.Choices:
                if (type != JsonTokenType.Number || !reader.TryGetInt32(out int choices))
                {
                    return RequestError.WrongType("n", "an integer", Describe(type));
                }

                _facts = _facts with { Choices = choices };
                break;
            case ChatField.Store:
            case ChatField.Conversation:
            case ChatField.ConversationId:
            case ChatField.PreviousResponseId:
                _facts = _facts with { UsesServerState = _facts.UsesServerState || type is not (JsonTokenType.False or JsonTokenType.Null) };
                break;
            case ChatField.Tools:
            case ChatField.Functions:
                _facts = _facts with { HasTools = _facts.HasTools || type != JsonTokenType.Null };
                break;
            case ChatField.LogProbs:
                _facts = _facts with { WantsLogProbs = type == JsonTokenType.True };
                break;
            case ChatField.Modalities:
                _facts = _facts with { WantsNonTextOutput = WantsMoreThanText(reader) };
                break;
        }

        _buffer.WriteValue(ref reader, ChatFields.IsVerbatim(field));
        return null;
    }

    private RequestError? ReadMessages(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return RequestError.WrongType("messages", "an array of objects", Describe(reader.TokenType));
        }

        int start = _buffer.Length;
        _buffer.WriteByte((byte)'a');
        _buffer.WriteInt32(0);
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return RequestError.WrongType($"messages[{count}]", "an object", Describe(reader.TokenType));
            }

            ReadMessage(ref reader, start);
            _messageEnds.Add(_buffer.Length - start);
            count++;
        }

        _buffer.WriteInt32At(start + 1, count);
        _hasMessages = true;
        _facts = _facts with { MessageCount = count };
        return count > 0 ? null : new RequestError("Invalid 'messages': the array is empty, send at least one message.", "messages", "empty_array");
    }

    private void ReadMessage(ref Utf8JsonReader reader, int messagesAt)
    {
        bool isUser = false;
        bool isToolResult = false;
        int contentAt = -1;
        int contentLength = 0;
        ContentProbe content = default;
        int first = _buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = _buffer.Length;
            ReadOnlySpan<byte> name = _buffer.WriteString(ref reader);
            bool isRole = name.SequenceEqual("role"u8);
            bool isContent = name.SequenceEqual("content"u8);
            reader.Read();
            int valueAt = _buffer.Length;
            if (isRole && reader.TokenType == JsonTokenType.String)
            {
                isUser = reader.ValueTextEquals("user"u8);
                isToolResult = reader.ValueTextEquals("tool"u8) || reader.ValueTextEquals("function"u8);
            }
            else if (isContent)
            {
                content = ContentProbe.Inspect(reader);
            }

            _buffer.WriteValue(ref reader, verbatim: false);
            if (isContent)
            {
                (contentAt, contentLength) = (valueAt, _buffer.Length - valueAt);
            }

            _buffer.AddMember(start);
        }

        contentAt = _buffer.EndObject(first, keepOrder: false, contentAt) - messagesAt;
        _question = (contentAt, contentAt + contentLength);
        _facts = _facts with
        {
            HasToolResults = _facts.HasToolResults || isToolResult,
            HasNonTextContent = _facts.HasNonTextContent || content.HasNonText,
            HasRemoteContent = _facts.HasRemoteContent || content.HasRemote,
            LastUserText = isUser && !string.IsNullOrWhiteSpace(content.Text) ? content.Text : null,
        };
    }

    private static bool WantsUsage(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isIt = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            if (isIt)
            {
                return reader.TokenType == JsonTokenType.True;
            }

            reader.Skip();
        }

        return false;
    }

    private static bool WantsMoreThanText(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return reader.TokenType != JsonTokenType.Null;
        }

        bool more = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            more |= reader.TokenType != JsonTokenType.String || !reader.ValueTextEquals("text"u8);
            reader.Skip();
        }

        return more;
    }

    private static string Describe(JsonTokenType type) => type switch
    {
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "an array",
        _ => "an object",
    };
}
