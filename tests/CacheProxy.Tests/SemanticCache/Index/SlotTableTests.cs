using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Index;

namespace CacheProxy.Tests.SemanticCache.Index;

public sealed class SlotTableTests
{
    [Theory]
    [InlineData(1, 300)]
    [InlineData(2, 40)]
    [InlineData(3, 5)]
    public void Table_RandomAddsMovesAndRemovals_AgreesWithADictionary(int seed, int names)
    {
        var random = new Random(seed);
        var fingerprints = new Dictionary<int, Fingerprint256>();
        var naive = new Dictionary<Fingerprint256, int>();
        var sut = new SlotTable(slot => fingerprints[slot]);
        int next = 0;
        for (int step = 0; step < 5_000; step++)
        {
            Fingerprint256 fingerprint = RandomVectors.Fingerprint(random.Next(names));
            if (naive.Remove(fingerprint))
            {
                sut.Remove(fingerprint);
            }
            else
            {
                fingerprints[next] = fingerprint;
                sut.Add(fingerprint, next);
                naive[fingerprint] = next++;
            }

            Assert.Equal(naive.Count, sut.Count);
            Fingerprint256 asked = RandomVectors.Fingerprint(random.Next(names));
            Assert.Equal(naive.GetValueOrDefault(asked, -1), sut.Find(asked));
        }
    }

    [Fact]
    public void Move_ABlockThatClosesItsHoles_FindsEveryOneAtItsNewSlot()
    {
        Fingerprint256[] fingerprints = [.. Enumerable.Range(0, 200).Select(RandomVectors.Fingerprint)];
        var sut = new SlotTable(slot => fingerprints[slot]);
        for (int slot = 0; slot < fingerprints.Length; slot++)
        {
            sut.Add(fingerprints[slot], slot);
        }

        foreach (Fingerprint256 gone in fingerprints.Where((_, i) => i % 3 == 0))
        {
            sut.Remove(gone);
        }

        Fingerprint256[] kept = [.. fingerprints.Where((_, i) => i % 3 != 0)];
        for (int to = 0; to < kept.Length; to++)
        {
            sut.Move(kept[to], Array.IndexOf(fingerprints, kept[to]), to);
        }

        Fingerprint256[] all = fingerprints;
        fingerprints = kept;
        Assert.All(all, (fingerprint, i) => Assert.Equal(Array.IndexOf(kept, fingerprint), sut.Find(fingerprint)));
    }
}
