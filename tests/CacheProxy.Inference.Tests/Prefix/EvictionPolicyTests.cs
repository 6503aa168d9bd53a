using CacheProxy.Inference.Prefix;
using CacheProxy.Inference.Tests.Execution;

namespace CacheProxy.Inference.Tests.Prefix;

/// <summary>The policy on the Mooncake conversation trace, one token for each of its blocks.</summary>
public sealed class EvictionPolicyTests
{
    /// <summary>2.6 million tokens in the trace's blocks of 512.</summary>
    private const int Blocks = 5078;

    [Fact]
    public void Replay_OfTheConversationTrace_FindsFarMoreThanLastUseAlone()
    {
        double plain = HitRate(EvictionPolicy.LeastRecentlyUsed(Blocks, 1));
        double own = HitRate(new EvictionPolicy(Blocks, 512));

        Assert.InRange(plain, 0.105, 0.12);
        Assert.True(own > 0.14, $"{own:P2} of blocks found, {plain:P2} by last use alone");
    }

    [Fact]
    public void PriorityOf_MoreUsesOrMoreCost_IsHigher()
    {
        var policy = new EvictionPolicy(Blocks, 16);

        Assert.True(policy.PriorityOf(10, 1, 0) > policy.PriorityOf(10, 0, 0));
        Assert.True(policy.PriorityOf(10, 0, 100) > policy.PriorityOf(10, 0, 0));
        Assert.True(policy.PriorityOf(11, 0, 0) > policy.PriorityOf(10, 0, 0));
        Assert.Equal(policy.PriorityOf(10, 4, 0), policy.PriorityOf(10, 40, 0));
    }

    /// <summary>The trace as (requests back, blocks shared with that request, new blocks), one line a request.</summary>
    private static double HitRate(EvictionPolicy policy)
    {
        var tree = new PrefixTree(Blocks, 1, new PrefixTreeOptions { Policy = policy });
        var requests = new List<int[]>();
        int next = 0;
        long hits = 0, all = 0;
        foreach (string line in File.ReadLines(Fixture.Path("conversations.txt")))
        {
            int[] row = [.. line.Split(' ').Select(int.Parse)];
            int[] shared = row[1] == 0 ? [] : requests[^row[0]][..row[1]];
            int[] prompt = [.. shared, .. Enumerable.Range(next, row[2]), -1];
            next += row[2];
            requests.Add(prompt);
            PrefixMatch match = tree.Match("", prompt);
            hits += match.Tokens;
            all += prompt.Length - 1;
            PrefixLease lease = tree.Lease("", match);
            Assert.True(lease.TryReserve(prompt.Length - 1));
            lease.Complete(prompt.AsSpan(0, prompt.Length - 1));
        }

        tree.CheckIntegrity();
        return hits / (double)all;
    }
}
