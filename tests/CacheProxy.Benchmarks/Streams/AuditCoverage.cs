using CacheProxy.SemanticCache.Truth;

namespace CacheProxy.Benchmarks.Streams;

/// <summary>How often the running error's 95 % interval covers the truth, on streams of served hits of which 3 % are wrong.</summary>
internal static class AuditCoverage
{
    private const int Runs = 100;
    private const int Hits = 20_000;
    private const double Planted = 0.03;
    private const double AuditShare = 0.05;

    public static void Report()
    {
        int covered = Count();
        Console.WriteLine($"audit: the 95 % interval covers {Planted:P0} planted wrong hits in {covered} of {Runs} runs, needed 90: {(covered >= 90 ? "holds" : "DOES NOT HOLD")}");
    }

    /// <summary>Runs whose interval covers the truth.</summary>
    public static int Count()
    {
        int covered = 0;
        for (int run = 0; run < Runs; run++)
        {
            var random = new Random(run);
            int right = 0, wrong = 0, reallyWrong = 0;
            for (int hit = 0; hit < Hits; hit++)
            {
                bool isWrong = random.NextDouble() < Planted;
                reallyWrong += isWrong ? 1 : 0;
                if (random.NextDouble() < AuditShare)
                {
                    wrong += isWrong ? 1 : 0;
                    right += isWrong ? 0 : 1;
                }
            }

            var error = new ScopeError { Key = default, Requests = Hits * 4, Served = Hits, Right = right, Wrong = wrong };
            double truth = (double)reallyWrong / Hits;
            covered += error.OfServed.Lower <= truth && truth <= error.OfServed.Upper ? 1 : 0;
        }

        return covered;
    }
}
