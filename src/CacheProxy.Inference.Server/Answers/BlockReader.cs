using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Tools;

namespace CacheProxy.Inference.Server.Answers;

/// <summary>Parts one answer into its blocks as it comes in: every block begins, grows and ends before the next one begins.</summary>
/// <param name="tools">Null: all of it is text.</param>
internal sealed class BlockReader(ToolUse? tools)
{
    private readonly ToolCallReader? _calls = tools?.CreateReader();

    /// <summary>Their text is held back, since it may become a call.</summary>
    private readonly List<TokenLogProb> _heldTokens = [];

    private List<BlockEvent> _events = [];
    private AnswerBlock? _current;
    private int _count;

    /// <summary>The answer has a call so far.</summary>
    public bool HasCalls => _calls is { Calls: > 0 };

    /// <summary>The blocks of an answer that is there as a whole.</summary>
    public static IReadOnlyList<AnswerBlock> ReadWhole(ToolUse? tools, CollectedChoice choice)
    {
        var reader = new BlockReader(tools);
        IEnumerable<BlockEvent> events = [.. reader.Append(choice.Text, choice.Tokens ?? []), .. reader.Complete()];
        return [.. events.Where(item => item.Step == BlockStep.Begin).Select(item => item.Block)];
    }

    /// <returns>What is certain now, in order.</returns>
    public IReadOnlyList<BlockEvent> Append(string text, IReadOnlyList<TokenLogProb> tokens)
    {
        _events = [];
        _heldTokens.AddRange(tokens);
        if (_calls is null)
        {
            AddText(text);
        }
        else
        {
            AddParts(_calls.Append(text));
        }

        return _events;
    }

    /// <summary>The answer has ended.</summary>
    public IReadOnlyList<BlockEvent> Complete()
    {
        _events = [];
        AddParts(_calls?.Complete() ?? []);
        if (_heldTokens.Count > 0 && _current is { IsCall: false })
        {
            Grow("");
        }

        EndBlock();
        return _events;
    }

    private void AddParts(IReadOnlyList<ToolCallEvent> parts)
    {
        foreach (ToolCallEvent part in parts)
        {
            switch (part.Kind)
            {
                case ToolCallEventKind.Content:
                    AddText(part.Text);
                    break;
                case ToolCallEventKind.Call:
                    _heldTokens.Clear();
                    BeginBlock(tools!.CreateId(), part.Text);
                    break;
                case ToolCallEventKind.Arguments:
                    _heldTokens.Clear();
                    Grow(part.Text);
                    break;
            }
        }
    }

    private void AddText(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_current is not { IsCall: false })
        {
            BeginBlock(null, "");
        }

        Grow(text);
    }

    private void BeginBlock(string? callId, string name)
    {
        EndBlock();
        _current = new AnswerBlock(_count++, callId, name);
        _events.Add(new BlockEvent(BlockStep.Begin, _current, "", []));
    }

    private void Grow(string piece)
    {
        IReadOnlyList<TokenLogProb> tokens = _heldTokens.Count == 0 ? [] : [.. _heldTokens];
        _heldTokens.Clear();
        _current!.Append(piece, tokens);
        _events.Add(new BlockEvent(BlockStep.Delta, _current, piece, tokens));
    }

    private void EndBlock()
    {
        if (_current is not null)
        {
            _events.Add(new BlockEvent(BlockStep.End, _current, "", []));
            _current = null;
        }
    }
}
