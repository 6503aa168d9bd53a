namespace CacheProxy.Benchmarks;

/// <summary>One claim of the README: validates its result, then times it and prints ratios.</summary>
internal interface IBenchmark
{
    /// <summary>The verb on the command line.</summary>
    string Name { get; }

    /// <summary>What it measures, against what, in one line.</summary>
    string Summary { get; }

    /// <param name="arguments">What follows the verb.</param>
    Task RunAsync(string[] arguments, CancellationToken cancellationToken);
}
