using CacheProxy.Fingerprint.Fields;

namespace CacheProxy.Fingerprint;

/// <summary>
/// The form of a request that chat completions, responses and messages write alike, so that an answer to one of them answers the others.
/// In it is only what all three say in the same way:
/// <list type="bullet">
/// <item>one text of instructions at the front: chat's first <c>system</c> message, responses' <c>instructions</c>, messages' <c>system</c>;</item>
/// <item>turns of one text each, user and assistant in alternation, a user's first and last;</item>
/// <item><c>temperature</c> up to 1, <c>top_p</c>, and the limit of the answer's tokens, in one field.</item>
/// </list>
/// Every other field, or value, leaves the request in its own dialect. Why the nearest of them are not in it:
/// <list type="bullet">
/// <item>an assistant's turn at the end: messages goes on from it, the others answer it;</item>
/// <item>two turns of one role in a row: messages reads them as one;</item>
/// <item>the role <c>developer</c>, a turn's <c>name</c>, several parts in one turn: each API puts them into the prompt in a way of its own;</item>
/// <item><c>temperature</c> above 1: messages refuses it;</item>
/// <item><c>stop</c>: responses has none, and messages says which one it met, which chat's answer does not tell;</item>
/// <item>tools: responses takes a schema as strict where nothing is said and rewrites it, the others do not;</item>
/// <item>images, thinking, response formats, penalties, seeds: not in all three, or not spelled with the same meaning;</item>
/// <item>beta headers and versions of an API that <see cref="Entry.RequestVariant"/> does not know: what they change is not known.</item>
/// </list>
/// Layout: a byte that no request in a form of its own begins with, temperature, top_p, limit and instructions, each with a length before it (0: none), then the number of turns, then their contents.
/// </summary>
internal sealed class SharedForm
{
    private const byte Mark = (byte)'c';
    private const int Scalars = 4;
    private const int SystemAt = 3;

    private readonly CanonicalBuffer[] _scalars = [new(256), new(256), new(256), new()];
    private readonly CanonicalBuffer _turns = new();
    private int _count;
    private bool _isSpoilt;
    private int _questionAt;

    /// <summary>The request, once <see cref="TryComplete"/> has written it.</summary>
    public CanonicalBuffer Buffer { get; } = new();

    /// <summary>Where the last turn's content lies in <see cref="Buffer"/>.</summary>
    public (int Start, int End) Question { get; private set; }

    /// <summary>Where the first turn's content begins in <see cref="Buffer"/>; all others follow up to the end of the last.</summary>
    public int TurnsAt { get; private set; }

    public void Clear()
    {
        foreach (CanonicalBuffer scalar in _scalars)
        {
            scalar.Clear();
        }

        _turns.Clear();
        Buffer.Clear();
        (_count, _isSpoilt) = (0, false);
    }

    /// <summary>The request has something that not all dialects say alike.</summary>
    public void Spoil() => _isSpoilt = true;

    /// <param name="value">Canonical bytes of a field that is there.</param>
    public void AddField(RequestField field, ReadOnlySpan<byte> value)
    {
        switch (field)
        {
            case RequestField.Temperature:
                AddScalar(0, value);
                break;
            case RequestField.TopP:
                AddScalar(1, value);
                break;
            case RequestField.MaxTokens:
                AddScalar(2, value);
                break;
            case RequestField.Turns or RequestField.System:
                break;
            default:
                Spoil();
                break;
        }
    }

    /// <param name="content">Canonical bytes of one text; empty: it is no plain text.</param>
    public void AddSystem(ReadOnlySpan<byte> content) => AddScalar(SystemAt, content);

    public void AddTurn(TurnRole role, ReadOnlySpan<byte> content)
    {
        if (content.IsEmpty)
        {
            Spoil();
        }

        if (_isSpoilt)
        {
            return;
        }

        if (role == TurnRole.System && _count == 0)
        {
            AddSystem(content);
            return;
        }

        if (role != (_count % 2 == 0 ? TurnRole.User : TurnRole.Assistant))
        {
            Spoil();
            return;
        }

        _questionAt = _turns.Length;
        _turns.WriteBytes(content);
        _count++;
    }

    /// <summary>False: the request stays in its own dialect.</summary>
    public bool TryComplete()
    {
        if (_isSpoilt || _count % 2 == 0)
        {
            return false;
        }

        Buffer.WriteByte(Mark);
        for (int i = 0; i < Scalars; i++)
        {
            Buffer.WriteBytes(_scalars[i].Written);
        }

        Buffer.WriteInt32(_count);
        TurnsAt = Buffer.Length;
        Buffer.WriteRaw(_turns.Written);
        Question = (TurnsAt + _questionAt, Buffer.Length);
        return true;
    }

    // A second one (max_tokens beside max_completion_tokens) has no single meaning.
    private void AddScalar(int index, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || _scalars[index].Length > 0)
        {
            Spoil();
            return;
        }

        _scalars[index].WriteRaw(value);
    }
}
