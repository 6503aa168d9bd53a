using CacheProxy.Inference.Generation;
using CacheProxy.Inference.Text;

namespace CacheProxy.Inference.Constraints;

/// <summary>
/// Holds answers to a grammar. What one sequence finds out (states, masks) serves every later one, so an automaton lives as
/// long as its grammar is in use; it belongs to the engine's thread from the first token on.
/// </summary>
internal sealed class GrammarConstraint : ITokenConstraint
{
    // Masks are computed where all answers are: a request may hold the others up by half a second in all. A schema of a
    // thousand values takes a thirtieth of it, and later requests find its masks.
    private const long WorkOfRequest = 30_000_000;

    private readonly ITokenVocabulary _vocabulary;
    private readonly TokenTable _tokens;
    private readonly GrammarAutomaton _automaton;

    public GrammarConstraint(GrammarNode grammar, ITokenVocabulary vocabulary, TokenTable tokens)
    {
        (_vocabulary, _tokens) = (vocabulary, tokens);
        _automaton = new GrammarAutomaton(grammar, tokens.Available);
    }

    /// <summary>The vocabulary cannot express a single text of the grammar.</summary>
    public bool IsEmpty => _automaton.IsEmpty;

    /// <summary>The grammar has more beginnings than are followed.</summary>
    public bool IsCut => _automaton.IsCut;

    public ITokenConstraintState Start() => new State(this);

    private uint[] MaskOf(AutomatonState state)
    {
        if (state.Mask is not null)
        {
            return state.Mask;
        }

        AutomatonState canonical = _automaton.Canonical(state, _tokens.MaxTokenBytes);
        if (canonical.Mask is null)
        {
            canonical.Mask = _tokens.MaskOf(_automaton, canonical);
            _automaton.Charge(sizeof(uint) * canonical.Mask.Length);
        }

        return state.Mask = canonical.Mask;
    }

    /// <summary>One sequence's place in the grammar, and what it may still cost.</summary>
    private sealed class State(GrammarConstraint owner) : ITokenConstraintState
    {
        private AutomatonState? _state;
        private long _workLeft = WorkOfRequest;

        public ReadOnlySpan<uint> Allowed()
        {
            long before = Begin();
            uint[] mask = owner.MaskOf(_state ??= owner._automaton.Start);
            _workLeft -= owner._automaton.Work - before;
            return mask;
        }

        public void Advance(int token)
        {
            long before = Begin();
            foreach (byte value in owner._vocabulary.BytesOf(token))
            {
                _state = owner._automaton.Next(_state ??= owner._automaton.Start, value);
            }

            _workLeft -= owner._automaton.Work - before;
        }

        private long Begin()
        {
            GrammarAutomaton automaton = owner._automaton;
            automaton.WorkLimit = automaton.Work + _workLeft;
            return automaton.Work;
        }
    }
}
