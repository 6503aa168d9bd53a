using CacheProxy.Inference.Sampling;

namespace CacheProxy.Inference.Tests.Sampling;

/// <summary>Partial selection against a full sort, over sizes and values with many ties.</summary>
public sealed class SelectionTests
{
    [Fact]
    public void KeepTop_AnyValues_EqualsTheSortedHead()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            Candidate[] candidates = RandomCandidates(random, random.Next(1, 80));
            Candidate[] sorted = Sorted(candidates);
            int count = random.Next(0, candidates.Length + 1);

            Selection.KeepTop(candidates, count);

            Assert.Equal(sorted[..count], Sorted(candidates[..count]));
            Assert.Equal(sorted, Sorted(candidates));
        }
    }

    [Fact]
    public void KeepMass_AnyValues_EqualsTheShortestSortedHeadThatReachesIt()
    {
        var random = new Random(2);
        for (int round = 0; round < 2000; round++)
        {
            Candidate[] candidates = RandomCandidates(random, random.Next(1, 80));
            Candidate[] sorted = Sorted(candidates);
            double mass = random.NextDouble() * Selection.Sum(candidates);
            int expected = 0;
            for (double sum = 0; expected < sorted.Length && (sum < mass || expected == 0); expected++)
            {
                sum += sorted[expected].Weight;
            }

            int count = Selection.KeepMass(candidates, mass);

            Assert.Equal(sorted[..expected], Sorted(candidates[..count]));
        }
    }

    [Fact]
    public void LowerBound_AnyValues_KeepsAtLeastThatMany()
    {
        var random = new Random(3);
        var maxima = new Candidate[100];
        var gathered = new Candidate[5000];
        for (int round = 0; round < 500; round++)
        {
            float[] values = [.. Enumerable.Range(0, random.Next(1, 5000)).Select(_ => (float)random.Next(0, 3000))];
            int count = random.Next(1, 100);

            float bound = Selection.LowerBound(values, count, maxima);
            int kept = Selection.Gather(values, bound, gathered);

            Assert.True(kept >= Math.Min(count, values.Length), $"{kept} of {values.Length} reach the bound for {count}");
            Assert.Equal(values.Select((value, i) => new Candidate(i, value)).Where(c => c.Weight >= bound), gathered[..kept]);
        }
    }

    [Fact]
    public void SortFew_AnyValues_EqualsTheSort()
    {
        var random = new Random(4);
        for (int round = 0; round < 300; round++)
        {
            Candidate[] candidates = RandomCandidates(random, random.Next(0, 25));
            Candidate[] sorted = Sorted(candidates);

            Selection.SortFew(candidates);

            Assert.Equal(sorted, candidates);
        }
    }

    private static Candidate[] RandomCandidates(Random random, int count)
    {
        int distinct = random.Next(1, 40);
        Candidate[] candidates = [.. Enumerable.Range(0, count).Select(i => new Candidate(i, 1 + random.Next(distinct)))];
        random.Shuffle(candidates);
        return candidates;
    }

    private static Candidate[] Sorted(Candidate[] candidates) => [.. candidates.OrderByDescending(c => c.Weight).ThenBy(c => c.Token)];
}
