using System.Text.Json;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Fingerprint;

/// <summary>Reads a conversation: a list of turns, each an object with a role and a content, or an item of another kind.</summary>
internal sealed class TurnReader(TurnRules rules)
{
    private readonly BlockWriter _blocks = new(rules);

    /// <param name="name">The field's, for errors.</param>
    public RequestError? ReadList(ref Utf8JsonReader reader, RequestDraft draft, string name)
    {
        CanonicalBuffer buffer = draft.Buffer;
        int start = buffer.Length;
        draft.NotePrompt(start);
        buffer.WriteByte((byte)'a');
        buffer.WriteInt32(0);
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return RequestError.WrongType($"{name}[{count}]", "an object", JsonTypes.Describe(reader.TokenType));
            }

            ReadTurn(ref reader, draft, start);
            count++;
        }

        buffer.WriteInt32At(start + 1, count);
        draft.Turns = count;
        return count > 0 ? null : new RequestError($"Invalid '{name}': the array is empty, send at least one message.", name, "empty_array");
    }

    /// <summary>A conversation of one user's turn, given as a string.</summary>
    public static void ReadText(ref Utf8JsonReader reader, RequestDraft draft)
    {
        CanonicalBuffer buffer = draft.Buffer;
        int start = buffer.Length;
        draft.NotePrompt(start);
        buffer.WriteByte((byte)'a');
        buffer.WriteInt32(1);
        int first = buffer.BeginObject();
        int member = buffer.Length;
        buffer.WriteBytes("content"u8);
        int contentAt = buffer.Length;
        buffer.WriteValue(ref reader, verbatim: false);
        int contentEnd = buffer.Length;
        buffer.AddMember(member);
        member = buffer.Length;
        buffer.WriteBytes("role"u8);
        buffer.WriteByte((byte)'s');
        buffer.WriteBytes("user"u8);
        buffer.AddMember(member);
        buffer.EndObject(first, keepOrder: false, -1);
        string text = reader.GetString()!;
        draft.Turns = 1;
        draft.NoteTurn(new DraftTurn(TurnRole.User, text, contentAt - start, contentEnd - start));
        draft.Shared.AddTurn(TurnRole.User, string.IsNullOrWhiteSpace(text) ? default : buffer.Written[contentAt..contentEnd]);
    }

    private void ReadTurn(ref Utf8JsonReader reader, RequestDraft draft, int promptAt)
    {
        CanonicalBuffer buffer = draft.Buffer;
        var turn = new Turn { Role = TurnRole.Other, ContentAt = -1 };
        int first = buffer.BeginObject();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int start = buffer.Length;
            TurnMember member = MemberOf(buffer.WriteString(ref reader));
            turn.Members++;
            reader.Read();
            int valueAt = buffer.Length;
            switch (member)
            {
                case TurnMember.Role:
                    turn.Role = RoleOf(reader);
                    buffer.WriteValue(ref reader, verbatim: false);
                    break;
                case TurnMember.Content:
                    turn.Content = ContentProbe.Inspect(reader, rules);
                    _blocks.WriteContent(ref reader, buffer, turn.Content);
                    (turn.ContentAt, turn.ContentLength) = (valueAt, buffer.Length - valueAt);
                    break;
                case TurnMember.Type when reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("message"u8):
                    // The same as none.
                    turn.Members--;
                    buffer.NoteMember(ref turn.HasType);
                    buffer.Truncate(start);
                    continue;
                case TurnMember.Type:
                    buffer.NoteMember(ref turn.HasType);
                    turn.Kind = reader.TokenType == JsonTokenType.String ? reader.GetString() : "";
                    buffer.WriteValue(ref reader, verbatim: false);
                    break;
                case TurnMember.Output:
                    draft.HasRemoteContent |= ContentProbe.Inspect(reader, rules).HasRemote;
                    buffer.WriteValue(ref reader, verbatim: false);
                    break;
                default:
                    turn.HasId |= member == TurnMember.Id;
                    buffer.WriteValue(ref reader, verbatim: false);
                    break;
            }

            buffer.AddMember(start);
        }

        turn.ContentAt = buffer.EndObject(first, keepOrder: false, turn.ContentAt);
        Note(turn, draft, promptAt);
    }

    private void Note(in Turn turn, RequestDraft draft, int promptAt)
    {
        bool isMessage = turn.Kind is null;
        ContentProbe content = turn.Content;
        draft.HasNonTextContent |= content.HasNonText;
        draft.HasRemoteContent |= content.HasRemote;
        // Items that are neither what was said nor what the model asked for are what came back.
        draft.HasToolResults |= turn.Role == TurnRole.Tool || content.HasToolResult || turn.Kind is not (null or "reasoning" or "function_call" or "custom_tool_call" or "item_reference");
        draft.UsesServerState |= turn.Kind == "item_reference" || (rules.HasItems && isMessage && turn.Role == TurnRole.Other && turn.HasId);
        int start = turn.ContentAt - promptAt;
        draft.NoteTurn(new DraftTurn(turn.Role, isMessage ? content.Text : null, start, start + turn.ContentLength));
        bool isPlain = isMessage && turn.Members == 2 && content.IsOneText && !string.IsNullOrWhiteSpace(content.Text);
        draft.Shared.AddTurn(turn.Role, isPlain ? draft.Buffer.Written.Slice(turn.ContentAt, turn.ContentLength) : default);
    }

    private TurnMember MemberOf(ReadOnlySpan<byte> name) => name switch
    {
        _ when name.SequenceEqual("role"u8) => TurnMember.Role,
        _ when name.SequenceEqual("content"u8) => TurnMember.Content,
        _ when !rules.HasItems => TurnMember.Other,
        _ when name.SequenceEqual("type"u8) => TurnMember.Type,
        _ when name.SequenceEqual("output"u8) => TurnMember.Output,
        _ when name.SequenceEqual("id"u8) => TurnMember.Id,
        _ => TurnMember.Other,
    };

    private static TurnRole RoleOf(Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return TurnRole.Other;
        }

        return reader.GetString() switch
        {
            "user" => TurnRole.User,
            "assistant" => TurnRole.Assistant,
            "system" => TurnRole.System,
            "tool" or "function" => TurnRole.Tool,
            _ => TurnRole.Other,
        };
    }

    private enum TurnMember
    {
        Other,
        Role,
        Content,
        Type,
        Output,
        Id,
    }

    private struct Turn
    {
        public TurnRole Role;
        public ContentProbe Content;
        public string? Kind;
        public int ContentAt;
        public int ContentLength;
        public int Members;
        public bool HasId;
        public bool HasType;
    }
}
