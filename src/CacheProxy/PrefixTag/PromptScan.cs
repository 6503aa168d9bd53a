using System.Text.Json;
using CacheProxy.Exchange.Prompts;
using CacheProxy.Fingerprint;

namespace CacheProxy.PrefixTag;

/// <summary>
/// The parts of a prompt, canonical, from one pass over the request's body in whatever order that has them. One for each thread, used again. Layout of
/// <see cref="Turns"/>: each turn with <see cref="Room"/> bytes in front of it for what it is hashed with.
/// </summary>
internal sealed class PromptScan
{
    /// <summary>Bytes in front of each turn: the id of the boundary before it.</summary>
    public const int Room = PromptBoundary.IdBytes;

    private static readonly byte[] s_room = new byte[Room];

    private readonly PromptWriter _tools = new();
    private readonly PromptWriter _functions = new();
    private readonly PromptWriter _system = new();
    private readonly PromptWriter _turns = new();

    public ReadOnlySpan<byte> Tools => _tools.Buffer.Written;

    public ReadOnlySpan<byte> Functions => _functions.Buffer.Written;

    public ReadOnlySpan<byte> System => _system.Buffer.Written;

    public CanonicalBuffer Turns => _turns.Buffer;

    /// <summary>Where each turn ends in <see cref="Turns"/>, and how it is marked.</summary>
    public List<(int End, PromptMark Mark)> Ends { get; } = [];

    /// <summary>Of what stands in front of the turns.</summary>
    public PromptMark HeadMark { get; private set; }

    public bool HasInnerMark { get; private set; }

    public PromptRetention Retention { get; private set; }

    /// <summary>The first turn is instructions.</summary>
    public bool HasInstructions { get; private set; }

    /// <param name="body">A JSON object that Fingerprint has read.</param>
    public void Read(ReadOnlySpan<byte> body, PromptFields fields)
    {
        Clear();
        _turns.HasItems = fields.HasItems;
        PromptMark whole = PromptMark.None;
        var reader = new Utf8JsonReader(body, JsonTypes.ReaderOptions);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            PromptField field = fields.Which(ref reader);
            reader.Read();
            if (field == PromptField.CacheControl)
            {
                whole = PromptWriter.MarkOf(ref reader);
            }
            else
            {
                ReadField(ref reader, field);
            }
        }

        Finish(whole);
    }

    /// <summary>Lets go of what only a huge body needed.</summary>
    public void Clear()
    {
        _tools.Clear();
        _functions.Clear();
        _system.Clear();
        _turns.Clear();
        Ends.Clear();
        (HeadMark, HasInnerMark, Retention, HasInstructions) = (PromptMark.None, false, PromptRetention.Default, false);
    }

    private void ReadField(ref Utf8JsonReader reader, PromptField field)
    {
        switch (field)
        {
            case not PromptField.None when reader.TokenType == JsonTokenType.Null:
                break;
            case PromptField.Tools when _tools.Buffer.Length == 0:
                _tools.WriteDefinitions(ref reader);
                break;
            case PromptField.Functions when _functions.Buffer.Length == 0:
                _functions.WriteDefinitions(ref reader);
                break;
            case PromptField.System when _system.Buffer.Length == 0:
                _system.WriteContent(ref reader);
                break;
            case PromptField.Turns when Ends.Count == 0:
                ReadTurns(ref reader);
                break;
            case PromptField.Retention:
                Retention = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("24h"u8) ? PromptRetention.Day : Retention;
                reader.Skip();
                break;
            case PromptField.CacheOptions:
                Retention = IsExplicit(ref reader) ? PromptRetention.Explicit : Retention;
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void ReadTurns(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            BeginTurn();
            PromptWriter.WriteText(Turns, "user"u8, reader.GetString()!);
            EndTurn();
            return;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            BeginTurn();
            _turns.WriteTurn(ref reader);
            EndTurn();
        }
    }

    private void BeginTurn()
    {
        _turns.BeginPart();
        Turns.WriteRaw(s_room);
    }

    private void EndTurn()
    {
        HasInstructions |= Ends.Count == 0 && _turns.IsInstructions;
        Ends.Add((Turns.Length, _turns.Mark));
    }

    private void Finish(PromptMark whole)
    {
        bool hasSystem = _system.Buffer.Length > 0;
        HeadMark = hasSystem ? _system.Mark : _tools.Mark;
        HasInnerMark = _tools.HasInnerMark || _system.HasInnerMark || _turns.HasInnerMark || (hasSystem && _tools.Mark != PromptMark.None);
        if (whole != PromptMark.None && Ends is [.., { Mark: PromptMark.None } last])
        {
            Ends[^1] = (last.End, whole);
        }
    }

    private static bool IsExplicit(ref Utf8JsonReader reader)
    {
        bool isExplicit = false;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isMode = reader.ValueTextEquals("mode"u8);
                reader.Read();
                isExplicit |= isMode && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("explicit"u8);
                reader.Skip();
            }
        }

        return isExplicit;
    }
}
