namespace CacheProxy.Benchmarks.Streams;

/// <summary>
/// A world without models, for a quick check of policies: classes of one to six wordings inside topics, whose candidates are their own class and
/// their topic's others; the cascade's logit is a normal one whose mean depends on the truth, moved by how deceptive the stored question is.
/// </summary>
internal sealed class SyntheticWorld : StreamWorld
{
    private readonly StreamCandidate[][] _candidates;

    private SyntheticWorld(StreamCandidate[][] candidates) => _candidates = candidates;

    /// <param name="bias">By how much the scores promise too much, in logits.</param>
    public static SyntheticWorld Make(int classes, int topics, double bias, int seed)
    {
        var random = new Random(seed);
        var owners = new List<int>();
        var places = new List<int>();
        for (int c = 0; c < classes; c++)
        {
            int wordings = random.NextDouble() < 0.4 ? 1 : 2 + random.Next(6);
            owners.AddRange(Enumerable.Repeat(c, wordings));
            places.AddRange(Enumerable.Repeat(random.Next(topics), wordings));
        }

        double[] deceptive = [.. owners.Select(_ => 0.7 * Normal(random))];
        ILookup<int, int> byTopic = Enumerable.Range(0, owners.Count).ToLookup(text => places[text]);
        StreamCandidate[][] candidates = [.. Enumerable.Range(0, owners.Count).Select(asked => Near(asked).OrderByDescending(c => c.Cosine).ToArray())];
        return new SyntheticWorld(candidates) { Classes = [.. owners], Partitions = [.. places.Select(place => place % 2)] };

        IEnumerable<StreamCandidate> Near(int asked) => byTopic[places[asked]].Where(text => text != asked).Select(cached =>
        {
            bool same = owners[cached] == owners[asked];
            double z = (same ? 2.2 : -2.2) + (1.8 * Normal(random)) + deceptive[cached];
            double cosine = (same ? 0.86 : 0.74) + (0.07 * Normal(random));

            // The likelihood ratio of z and of the cosine, at one right candidate in six.
            double logit = (4.4 * z / (3.24 + 0.49)) + (0.12 * (cosine - 0.8) / 0.0049) - Math.Log(5);
            return new StreamCandidate(cached, (float)Math.Min(0.999, cosine), 1 / (1 + Math.Exp(-(logit + bias))));
        });
    }

    public override IReadOnlyList<StreamCandidate> CandidatesOf(int asked) => _candidates[asked];

    private static double Normal(Random random)
        => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
