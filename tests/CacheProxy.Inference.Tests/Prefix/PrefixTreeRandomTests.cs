using CacheProxy.Inference.Prefix;
using CacheProxy.TestKit;

namespace CacheProxy.Inference.Tests.Prefix;

/// <summary>
/// Thousands of seeded operations against a model that is too simple to be wrong: an array with the tokens that were
/// written to each block slot, the set of every token sequence ever published, and the pins as a list.
/// </summary>
public sealed class PrefixTreeRandomTests
{
    private const int BlockSize = 3;
    private const int BlockCount = 24;
    private const int MaxPinned = 6;

    private readonly record struct Kv(string Salt, int Position, int Token, int Past);

    private sealed record Live(string Salt, List<int> Tokens, PrefixLease Lease)
    {
        public int Computed { get; set; }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Tree_RandomOperations_AgreesWithTheNaiveModel(int seed)
    {
        var random = new Random(seed);
        var clock = new FakeTimeProvider();
        var tree = new PrefixTree(BlockCount, BlockSize, new PrefixTreeOptions { Time = clock });
        var pins = new NaivePins(tree, clock, MaxPinned);
        var kv = new Kv[BlockCount * BlockSize];
        var live = new List<Live>();
        var published = new HashSet<string>();
        int hits = 0;
        for (int step = 0; step < 4000; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1 when live.Count < 6:
                    hits += Start(random, tree, pins, kv, live, published);
                    break;
                case 2 or 3 when live.Count > 0:
                    Compute(random, tree, kv, live[random.Next(live.Count)], published);
                    break;
                case 4 when live.Count > 0:
                    End(random, live, random.Next(live.Count), published);
                    break;
                case 5:
                    ChangePins(random, pins);
                    break;
            }

            tree.CheckIntegrity();
            pins.Check();
            Assert.All(live, sequence => AssertKv(kv, sequence));
        }

        Assert.True(hits > 500, $"only {hits} tokens were ever found");
        Assert.True(tree.EvictedCount > 100, $"only {tree.EvictedCount} blocks were ever evicted");
        int[] seen = [pins.Made, pins.Refused, pins.Refreshed, pins.Expired];
        Assert.True(seen.Min() > 10, $"pins made, refused, refreshed, expired: {string.Join(", ", seen)}");
        live.ForEach(sequence => sequence.Lease.Dispose());
        pins.Clear(null);
        tree.CheckIntegrity();
        Assert.Equal(BlockCount, tree.AvailableCount);
    }

    private static void ChangePins(Random random, NaivePins pins)
    {
        string salt = SaltOf(random);
        switch (random.Next(24))
        {
            case < 14:
                pins.Add(salt, TokensOf(random), TimeSpan.FromSeconds(random.Next(1, 20)));
                break;
            case < 22:
                pins.Expire(TimeSpan.FromSeconds(random.Next(5)));
                break;
            case 22:
                pins.Yield();
                break;
            case 23:
                pins.Clear(random.Next(4) == 0 ? null : salt);
                break;
        }
    }

    private static int Start(Random random, PrefixTree tree, NaivePins pins, Kv[] kv, List<Live> live, HashSet<string> published)
    {
        string salt = SaltOf(random);
        List<int> tokens = [.. TokensOf(random)];
        PrefixMatch match = tree.Match(salt, tokens.ToArray());
        Assert.InRange(match.Tokens, 0, tokens.Count - 1);
        Assert.True(match.Tokens == 0 || published.Contains(Key(salt, tokens.Take(match.Tokens))), "a prefix was found that nobody published");
        pins.Serve(salt, [.. tokens], match);
        int availableBefore = tree.AvailableCount;
        int matchCached = tree.CachedBlocksOf(match);
        PrefixLease lease = tree.Lease(salt, match);
        Assert.Equal(availableBefore - matchCached, tree.AvailableCount);
        int found = match.FullBlocks * BlockSize;
        if (match.Tail is { } tail)
        {
            int source = tail.Block;
            if (!lease.TryReserve(found + 1))
            {
                lease.Dispose();
                return 0;
            }

            Array.Copy(kv, source * BlockSize, kv, lease.BlockTable[match.FullBlocks] * BlockSize, match.TailTokens);
            found += match.TailTokens;
        }

        live.Add(new Live(salt, tokens, lease) { Computed = found });
        return found;
    }

    private static void Compute(Random random, PrefixTree tree, Kv[] kv, Live sequence, HashSet<string> published)
    {
        if (sequence.Computed == sequence.Tokens.Count)
        {
            sequence.Tokens.Add(random.Next(2));
        }

        int end = random.Next(sequence.Computed + 1, sequence.Tokens.Count + 1);
        int available = tree.AvailableCount;
        if (!sequence.Lease.TryReserve(end))
        {
            Assert.True(available < ((end + BlockSize - 1) / BlockSize), "blocks were refused though there were enough");
            return;
        }

        for (; sequence.Computed < end; sequence.Computed++)
        {
            kv[Slot(sequence, sequence.Computed)] = Entry(sequence, sequence.Computed);
        }

        sequence.Lease.Publish(sequence.Tokens.Take(sequence.Computed).ToArray());
        Remember(published, sequence, sequence.Computed / BlockSize * BlockSize);
    }

    private static void End(Random random, List<Live> live, int index, HashSet<string> published)
    {
        Live sequence = live[index];
        live.RemoveAt(index);
        if (random.Next(4) == 0)
        {
            sequence.Lease.Dispose();
            return;
        }

        sequence.Lease.Complete(sequence.Tokens.Take(sequence.Computed).ToArray());
        Remember(published, sequence, sequence.Computed);
    }

    private static void AssertKv(Kv[] kv, Live sequence)
    {
        for (int position = 0; position < sequence.Computed; position++)
        {
            Assert.Equal(Entry(sequence, position), kv[Slot(sequence, position)]);
        }
    }

    private static void Remember(HashSet<string> published, Live sequence, int tokens)
    {
        for (int length = 1; length <= tokens; length++)
        {
            published.Add(Key(sequence.Salt, sequence.Tokens.Take(length)));
        }
    }

    private static string SaltOf(Random random) => random.Next(3) == 0 ? "b" : "a";

    private static int[] TokensOf(Random random) => [.. Enumerable.Range(0, random.Next(1, 14)).Select(_ => random.Next(2))];

    /// <summary>KV depends on the whole past, not on the token alone.</summary>
    private static Kv Entry(Live sequence, int position) => new(
        sequence.Salt, position, sequence.Tokens[position], sequence.Tokens.Take(position).Aggregate(1, (past, token) => unchecked((past * 31) + token)));

    private static int Slot(Live sequence, int position) => (sequence.Lease.BlockTable[position / BlockSize] * BlockSize) + (position % BlockSize);

    private static string Key(string salt, IEnumerable<int> tokens) => salt + ":" + string.Concat(tokens);
}
