using CacheProxy.SemanticCache.Text;

namespace CacheProxy.SemanticCache.Guards;

/// <summary>The guards in the order in which they are asked: the one list of them. The first veto decides.</summary>
public sealed class GuardChain
{
    private readonly ISemanticGuard[] _guards;

    /// <param name="disabled">Names of guards to leave out.</param>
    /// <exception cref="ArgumentException">A name is not one of <see cref="Names"/>.</exception>
    public GuardChain(IEnumerable<string>? disabled = null)
    {
        var off = new HashSet<string>(disabled ?? [], StringComparer.Ordinal);
        if (off.FirstOrDefault(name => !Names.Contains(name)) is { } unknown)
        {
            throw new ArgumentException($"There is no semantic guard '{unknown}'; known are {string.Join(", ", Names)}.", nameof(disabled));
        }

        _guards = [.. All.Where(guard => !off.Contains(guard.Name))];
    }

    /// <summary>Every guard, switched on or not.</summary>
    public static IReadOnlyList<ISemanticGuard> All { get; } =
    [
        new NumberGuard(),
        new UnitGuard(),
        new DateGuard(),
        new TenseGuard(),
        new NegationGuard(),
        new ContrastGuard(),
        new QuotedTextGuard(),
        new CodeGuard(),
        new NameGuard(),
        new RequestedFormGuard(),
        new QuestionWordGuard(),
        new DirectionGuard(),
        new WordOrderGuard(),
        new SwappedWordGuard(),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(guard => guard.Name)];

    /// <returns>The name of the first guard that vetoes, or null when none does.</returns>
    public string? FirstVeto(QuestionText cached, QuestionText asked)
    {
        var pair = new TextPair(cached, asked);
        foreach (ISemanticGuard guard in _guards)
        {
            if (guard.Vetoes(pair))
            {
                return guard.Name;
            }
        }

        return null;
    }

    /// <returns>The names of all guards that veto, in the order in which they are asked.</returns>
    public IReadOnlyList<string> Vetoes(QuestionText cached, QuestionText asked)
    {
        var pair = new TextPair(cached, asked);
        return [.. _guards.Where(guard => guard.Vetoes(pair)).Select(guard => guard.Name)];
    }
}
