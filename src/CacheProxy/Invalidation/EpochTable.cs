using System.Collections.Frozen;

namespace CacheProxy.Invalidation;

/// <summary>The epochs at one moment. Immutable.</summary>
/// <param name="Floor">Every namespace is at least here: raised when it is not known any more how far they were.</param>
/// <param name="Spaces">Those that were bumped.</param>
public sealed record EpochTable(int Floor, FrozenDictionary<string, int> Spaces)
{
    public static EpochTable Empty { get; } = new(0, FrozenDictionary<string, int>.Empty);

    public int Of(string space) => Spaces.Count == 0 ? Floor : Math.Max(Floor, Spaces.GetValueOrDefault(space));

    public EpochTable With(string space, int epoch)
        => this with { Spaces = new Dictionary<string, int>(Spaces) { [space] = epoch }.ToFrozenDictionary(StringComparer.Ordinal) };
}
