using System.Text;
using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Text;
using CacheProxy.Inference.Tiers;

namespace CacheProxy.Inference.Engine;

/// <summary>Looks a prompt up in all places without changing any of them. Engine thread alone.</summary>
internal sealed class CacheInspector(KvCache cache, ITokenVocabulary vocabulary)
{
    private const int TextTokens = 12;

    /// <summary>Salts that a search for the same prompt elsewhere goes through: it must not hold up the engine.</summary>
    private const int MaxOtherSalts = 256;

    public CacheStats Stats => new(
        cache.Tree.BlockSize, cache.BlockBytes, cache.Tree.FreeCount, cache.Tree.CachedCount, cache.Tree.LeasedCount, cache.Tree.PinnedCount,
        cache.Pins.Count, cache.Tree.Roots.Count, cache.Tree.History.Count, cache.QueriedTokens, cache.HitTokens, cache.Tree.EvictedCount,
        cache.Tiers?.Counts ?? default);

    public CacheExplanation Explain(string salt, ReadOnlySpan<int> tokens)
    {
        int size = cache.Tree.BlockSize;
        ReadOnlySpan<int> wanted = tokens[..^1];
        PrefixMatch match = cache.Tree.Match(salt, tokens);
        BlockKey past = match.Tip?.Key ?? cache.Tree.RootKeyOf(salt);
        List<TierEntry> run = cache.Tiers?.RunOf(past, wanted, match.FullBlocks) ?? [];
        int ram = run.Count(entry => entry.Ram is not null);

        // A tail is copied only where the tiers have nothing longer.
        int pool = run.Count > 0 ? match.FullBlocks * size : match.Tokens;
        int index = pool + (run.Count * size);
        past = run.Count > 0 ? run[^1].Key : past;
        (DivergenceReason reason, TimeSpan? ago) = ReasonAt(salt, tokens, match.FullBlocks + run.Count, past, index);
        return new CacheExplanation(
            tokens.Length, pool, ram * size, (run.Count - ram) * size, PinnedTokens(cache.Tree.FindFull(salt, tokens, out _)), reason, ago,
            TextOf(tokens[Math.Max(0, index - TextTokens)..index]),
            TextOf(tokens[index..Math.Min(tokens.Length, index + TextTokens)]),
            run.Count > 0 ? "" : InsteadOf(match));
    }

    private (DivergenceReason Reason, TimeSpan? Ago) ReasonAt(string salt, ReadOnlySpan<int> tokens, int blocks, BlockKey past, int index)
    {
        int size = cache.Tree.BlockSize;
        if (index == tokens.Length - 1)
        {
            return (DivergenceReason.None, null);
        }

        if ((blocks + 1) * size <= tokens.Length
            && cache.Tree.History.TryFind(BlockKey.Next(past, tokens.Slice(blocks * size, size)), out BlockHistory.Past gone))
        {
            return (DivergenceReason.Evicted, cache.Time.GetElapsedTime(gone.GoneAt));
        }

        return (IsElsewhere(salt, tokens, blocks) ? DivergenceReason.OtherTenant : DivergenceReason.NeverSeen, null);
    }

    private bool IsElsewhere(string salt, ReadOnlySpan<int> tokens, int blocks)
    {
        foreach (string other in cache.Tree.Roots.Keys.Where(other => other != salt).Take(MaxOtherSalts).ToList())
        {
            cache.Tree.FindFull(other, tokens, out int known);
            if (known > blocks)
            {
                return true;
            }
        }

        BlockKey own = cache.Tree.RootKeyOf(salt);
        IEnumerable<BlockKey> roots = cache.Tiers?.Entries.Values.Select(entry => entry.Root).Where(root => root != own).Distinct().Take(MaxOtherSalts) ?? [];
        foreach (BlockKey root in roots.ToList())
        {
            if (cache.Tiers!.RunOf(root, tokens, 0).Count > blocks)
            {
                return true;
            }
        }

        return false;
    }

    private int PinnedTokens(PrefixNode? node)
    {
        while (node is { Block: >= 0, Pins: 0 })
        {
            node = node.Parent;
        }

        return node is { Block: >= 0 } pinned ? (pinned.Depth + 1) * cache.Tree.BlockSize : 0;
    }

    private string InsteadOf(PrefixMatch match)
    {
        PrefixNode? child = match.Tail ?? match.Tip?.FirstChild;
        return child is null ? "" : TextOf(child.Tokens[Math.Min(match.TailTokens, child.Tokens.Length)..]);
    }

    private string TextOf(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>();
        foreach (int token in tokens)
        {
            bytes.AddRange(vocabulary.BytesOf(token));
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }
}
