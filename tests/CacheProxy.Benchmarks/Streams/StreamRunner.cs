using CacheProxy.Exchange;
using CacheProxy.SemanticCache.Policies;
using CacheProxy.SemanticCache.Policies.Learned;
using CacheProxy.SemanticCache.Scoring;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>
/// Plays a stream against a policy as the product would: exact repeats are exact hits, the nearest candidate is asked about first, what is not
/// served goes upstream and is stored. The judge is the truth.
/// </summary>
internal static class StreamRunner
{
    private const int Verified = 3;
    private const float MinimumCosine = 0.6f;

    /// <param name="auditShare">Of the served, from which a learned policy learns.</param>
    public static StreamResult Run(StreamWorld world, int[] stream, ISemanticPolicy policy, double auditShare, Random random)
    {
        var result = new StreamResult();
        var answered = new HashSet<int>();
        var indexed = new HashSet<int>();
        var seen = new HashSet<int>();
        bool ignoresGuards = policy is HindsightPolicy { ByCosine: true };
        var learned = policy as LearnedPolicy;
        for (int i = 0; i < stream.Length; i++)
        {
            int asked = stream[i];
            StreamCounts counts = i < stream.Length / 2 ? result.Cold : result.Warm;
            counts.Requests++;
            counts.New += seen.Add(asked) ? 1 : 0;
            if (answered.Contains(asked))
            {
                continue;
            }

            PolicyScope scope = new("tenant", "model", "", "", [], Fingerprint(-1 - world.Partitions[asked]), default) { Asked = Fingerprint(asked) };
            policy.NoteRequest(scope);
            (StreamCandidate Candidate, PolicyVerdict Verdict)? best = null;
            bool isServed = false;
            foreach (StreamCandidate candidate in world.CandidatesOf(asked).Where(c => (ignoresGuards || c.Probability > 0) && c.Cosine >= MinimumCosine && indexed.Contains(c.Cached)).Take(Verified))
            {
                PolicyScope mine = scope with { Entry = Fingerprint(candidate.Cached) };
                PolicyVerdict verdict = policy.Decide(mine, Evidence(candidate));
                bool isRight = world.Classes[candidate.Cached] == world.Classes[asked];
                if (verdict.Serves && policy.TryServe(mine, verdict))
                {
                    isServed = true;
                    counts.Served++;
                    counts.Wrong += isRight ? 0 : 1;
                    if (verdict.Audits || random.NextDouble() < auditShare)
                    {
                        counts.Audited++;
                        learned?.Learn(scope.Partition, mine.Entry, Fingerprint(asked), candidate.Probability, candidate.Cosine, isRight);
                        answered.Add(asked);
                        indexed.Add(asked);
                    }

                    break;
                }

                best = best is { } known && known.Candidate.Probability >= candidate.Probability ? best : (candidate, verdict);
            }

            if (isServed)
            {
                continue;
            }

            if (best is { Verdict.Explores: true } trial)
            {
                learned?.Learn(
                    scope.Partition, Fingerprint(trial.Candidate.Cached), Fingerprint(asked), trial.Candidate.Probability, trial.Candidate.Cosine, world.Classes[trial.Candidate.Cached] == world.Classes[asked]);
            }

            counts.Missed++;
            answered.Add(asked);
            indexed.Add(asked);
        }

        return result;
    }

    private static SemanticEvidence Evidence(StreamCandidate candidate) => new() { Cosine = candidate.Cosine, Logit = 0, Probability = candidate.Probability };

    private static Fingerprint256 Fingerprint(int number)
    {
        byte[] bytes = new byte[Fingerprint256.SizeBytes];
        BitConverter.TryWriteBytes(bytes, number);
        bytes[^1] = 1;
        return new Fingerprint256(bytes);
    }
}
