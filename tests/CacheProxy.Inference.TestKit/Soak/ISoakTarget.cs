using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.TestKit.Soak;

/// <summary>What is soaked: the engine itself, or a server in front of it.</summary>
public interface ISoakTarget
{
    /// <summary>Asks and reads the answer to its end.</summary>
    /// <param name="cancellation">The client goes away.</param>
    Task<SoakAnswer> AskAsync(GenerationRequest request, CancellationToken cancellation);

    /// <summary>What is wrong with the target once everything was answered: blocks or requests that are still held.</summary>
    Task<IReadOnlyList<string>> FindLeaksAsync();
}
