using System.Runtime.InteropServices;

namespace CacheProxy.Inference.Constraints;

/// <summary>
/// Reads bytes by a grammar. A pushdown automaton made deterministic as it is used: a state is the set of stacks that the
/// bytes so far can have led to, and each step from state to state is computed once. Nesting is bounded so that every state
/// can be completed: a node is entered only if its shortest text fits under the limit. One thread.
/// </summary>
internal sealed class GrammarAutomaton
{
    // What the states and masks of one grammar may take, roughly. What is thrown away is computed again if need be: an
    // ordinary schema stays below a tenth of it, and a caller who writes an extraordinary one pays in time, not in memory.
    private const long MaxBytes = 8 << 20;

    // A schema of a few lines can be ambiguous a billion times over. What lies beyond is left out of the language: a step
    // costs some 20 ms at worst, and the largest enum or object, three or four ways for each element, still goes in whole.
    private const int MaxFrames = 4 * ConstraintFactory.MaxAlternatives;
    private const int MaxWork = 4 * MaxFrames;

    private readonly GrammarNode _root;
    private readonly ByteSet _available;
    private readonly Dictionary<GrammarNode, int> _heights;
    private readonly byte[] _classes;
    private readonly int _classCount;
    private readonly int _maxDepth;
    private readonly Dictionary<FrameKey, Frame> _frames = [];
    private readonly Dictionary<int, List<AutomatonState>> _states = [];
    private readonly AutomatonState _dead = new([], isAccepting: false, 0);

    // Scratch of one step.
    private readonly Stack<(GrammarNode? Enter, Frame? Frame)> _work = new();
    private readonly HashSet<(GrammarNode?, Frame?)> _done = [];
    private readonly List<Frame> _found = [];
    private readonly HashSet<Frame> _distinct = [];
    private bool _accepts;
    private long _bytes;
    private int _lastNumber;

    /// <param name="available">Bytes that a token of their own exists for: with these alone every state can be left.</param>
    /// <param name="extraDepth">Rules inside each other beyond what the shortest text needs.</param>
    public GrammarAutomaton(GrammarNode root, ByteSet available, int extraDepth = 32)
    {
        (_root, _available) = (root, available);
        IReadOnlyList<GrammarNode> nodes = GrammarAnalysis.Collect(root);
        _heights = GrammarAnalysis.HeightsOf(nodes, available);
        _classes = GrammarAnalysis.ClassesOf([.. nodes, new ByteNode(available)]);
        _classCount = _classes.Max() + 1;
        IsEmpty = _heights[root] == GrammarAnalysis.Impossible;
        _maxDepth = IsEmpty ? 0 : _heights[root] + extraDepth;
        Start = CreateStart();
    }

    /// <summary>The grammar has no text that could be made of the available bytes.</summary>
    public bool IsEmpty { get; }

    /// <summary>Somewhere the grammar had more ways to go on than are followed: it allows fewer texts than were written down.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Frames looked at and ways followed so far: what states and masks cost, some 20 ns each.</summary>
    public long Work { get; private set; }

    /// <summary>Where <see cref="Work"/> passes it, a step throws <see cref="ConstraintException"/> and changes nothing.</summary>
    public long WorkLimit { get; set; } = long.MaxValue;

    /// <summary>Before the first byte.</summary>
    public AutomatonState Start { get; private set; }

    public AutomatonState Next(AutomatonState state, byte value)
        => state.IsFinal ? _dead : state.Next(_classes[value]) ?? Compute(state, value);

    /// <summary>The state without some of its frames.</summary>
    public AutomatonState Without(AutomatonState state, Predicate<Frame> isLeftOut)
    {
        _found.AddRange(state.Frames.Where(frame => !isLeftOut(frame)));
        return InternFound(accepts: false);
    }

    /// <summary>The state that allows the same tokens of up to this many bytes, whatever its counters stand at.</summary>
    public AutomatonState Canonical(AutomatonState state, int tokenBytes)
    {
        Spend(state.Frames.Length);
        foreach (Frame frame in state.Frames)
        {
            Frame canonical = Canonical(frame, tokenBytes);
            if (_distinct.Add(canonical))
            {
                _found.Add(canonical);
            }
        }

        _distinct.Clear();
        return InternFound(state.IsAccepting);
    }

    /// <summary>Counts what was attached to a state against what the automaton may take.</summary>
    public void Charge(long bytes)
    {
        _bytes += bytes;
        if (_bytes > MaxBytes)
        {
            Forget();
        }
    }

    private void Spend(int work)
    {
        Work += work;
        if (Work > WorkLimit)
        {
            _work.Clear();
            _done.Clear();
            _found.Clear();
            _distinct.Clear();
            _accepts = false;
            throw new ConstraintException("", "is too ambiguous: it has too many ways to go on to be followed while the answer is generated");
        }
    }

    private AutomatonState Compute(AutomatonState state, byte value)
    {
        AutomatonState next = _dead;
        if (_available.Contains(value))
        {
            Spend(state.Frames.Length);
            foreach (Frame frame in state.Frames)
            {
                Read(frame, value);
            }

            next = Close();
        }

        return state.Next(_classes[value]) = next;
    }

    private void Read(Frame frame, byte value)
    {
        switch (frame.Node)
        {
            case ByteNode single when single.Bytes.Contains(value):
                _work.Push((null, frame.Parent));
                break;
            case LiteralNode literal when literal.Bytes[frame.Index] == value:
                if (frame.Index + 1 == literal.Bytes.Length)
                {
                    _work.Push((null, frame.Parent));
                }
                else
                {
                    _found.Add(Intern(literal, frame.Index + 1, frame.Parent));
                }

                break;
        }
    }

    /// <summary>
    /// Follows everything that needs no byte, up to the nodes that read one. Each way is followed to its end before the next,
    /// and each can be completed by itself, so stopping early never leaves a state without a way out.
    /// </summary>
    private AutomatonState Close()
    {
        while (_work.TryPop(out (GrammarNode? Enter, Frame? Frame) item))
        {
            if (!_done.Add(item))
            {
                continue;
            }

            if (_found.Count >= MaxFrames || (_done.Count > MaxWork && _found.Count > 0))
            {
                _work.Clear();
                IsCut = true;
                break;
            }

            Spend(1);
            if (item.Enter is { } node)
            {
                Enter(node, item.Frame);
            }
            else
            {
                Leave(item.Frame);
            }
        }

        _done.Clear();
        bool accepts = _accepts;
        _accepts = false;
        return InternFound(accepts);
    }

    private void Enter(GrammarNode node, Frame? parent)
    {
        int depth = parent?.Depth ?? 0;
        if (_heights[node] > _maxDepth - depth)
        {
            return;
        }

        switch (node)
        {
            case ByteNode or LiteralNode:
                _found.Add(Intern(node, 0, parent));
                break;
            case SequenceNode:
                EnterPart(node, 0, parent);
                break;
            case ChoiceNode:
                foreach (GrammarNode option in node.Children)
                {
                    _work.Push((option, parent));
                }

                break;
            case RepeatNode repeat:
                EnterItem(repeat, 0, parent);
                break;
            case RuleNode rule:
                _work.Push((rule.Body, Intern(rule, 0, parent)));
                break;
        }
    }

    private void Leave(Frame? frame)
    {
        switch (frame?.Node)
        {
            case null:
                _accepts = true;
                break;
            case SequenceNode sequence:
                EnterPart(sequence, frame.Index, frame.Parent);
                break;
            case RepeatNode repeat:
                EnterItem(repeat, frame.Index, frame.Parent);
                break;
            default:
                _work.Push((null, frame.Parent));
                break;
        }
    }

    // The last part comes back to where the sequence would: stacks stay as short as the nesting really is.
    private void EnterPart(GrammarNode sequence, int part, Frame? parent)
    {
        IReadOnlyList<GrammarNode> parts = sequence.Children;
        if (part == parts.Count)
        {
            _work.Push((null, parent));
        }
        else
        {
            _work.Push((parts[part], part + 1 == parts.Count ? parent : Intern(sequence, part + 1, parent)));
        }
    }

    /// <param name="done">Items that were finished; where there is no upper bound, counted up to the lower one.</param>
    private void EnterItem(RepeatNode repeat, int done, Frame? parent)
    {
        if (done >= repeat.Min)
        {
            _work.Push((null, parent));
        }

        if (repeat.Max is not { } max || done < max)
        {
            int begun = repeat.Max is null ? Math.Min(done + 1, Math.Max(repeat.Min, 1)) : done + 1;
            _work.Push((repeat.Item, Intern(repeat, begun, parent)));
        }
    }

    private Frame Canonical(Frame frame, int tokenBytes)
    {
        if (frame.Canonical is { } known)
        {
            return known;
        }

        Frame? parent = frame.Parent is null ? null : Canonical(frame.Parent, tokenBytes);
        int index = frame.Index;
        if (frame.Node is RepeatNode { Max: { } max } repeat && max - index > tokenBytes)
        {
            // A token begins at most as many items as it has bytes, so it sees neither bound that lies further away.
            index = index >= repeat.Min ? Math.Max(repeat.Min, 1) : repeat.Min - index > tokenBytes ? 1 : index;
        }

        Frame canonical = Intern(frame.Node, index, parent);
        frame.Canonical = canonical;
        return canonical;
    }

    private Frame Intern(GrammarNode node, int index, Frame? parent)
    {
        ref Frame? frame = ref CollectionsMarshal.GetValueRefOrAddDefault(_frames, new FrameKey(node, index, parent), out _);
        return frame ??= new Frame(node, index, parent, ++_lastNumber);
    }

    private AutomatonState InternFound(bool accepts)
    {
        if (_found.Count == 0 && !accepts)
        {
            return _dead;
        }

        Spend(_found.Count);
        _found.Sort((left, right) => left.Number.CompareTo(right.Number));
        Span<Frame> frames = CollectionsMarshal.AsSpan(_found);
        var hash = new HashCode();
        hash.Add(accepts);
        foreach (Frame frame in frames)
        {
            hash.Add(frame.Number);
        }

        ref List<AutomatonState>? bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_states, hash.ToHashCode(), out _);
        bucket ??= new List<AutomatonState>(1);
        foreach (AutomatonState known in bucket)
        {
            if (known.IsAccepting == accepts && frames.SequenceEqual(known.Frames))
            {
                _found.Clear();
                return known;
            }
        }

        var state = new AutomatonState([.. _found], accepts, _classCount);
        bucket.Add(state);
        _found.Clear();
        Charge(BytesOf(state));
        return state;
    }

    // A state with its steps, and frames of its own: mostly as many as it has.
    private long BytesOf(AutomatonState state) => 128 + (sizeof(long) * _classCount) + (160L * state.Frames.Length);

    // States in use stay good: they lead to what they led to, and find the rest again.
    private void Forget()
    {
        _bytes = 0;
        _frames.Clear();
        _states.Clear();
        Start = CreateStart();
    }

    private AutomatonState CreateStart()
    {
        _work.Push((_root, null));
        return Close();
    }
}
