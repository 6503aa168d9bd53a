namespace CacheProxy.Inference.Tests.Execution;

/// <summary>Small random-weight models with reference logits, one for each weight format and head layout that the engine runs.</summary>
internal static class TinyModels
{
    public static string Path(string file) => Fixture.Path(file);

    /// <param name="Prompt">Token ids as fed.</param>
    /// <param name="LastLogits">All logits of the last position.</param>
    /// <param name="Argmax">Best token at each position.</param>
    /// <param name="ArgmaxMargin">Its lead over the second.</param>
    /// <param name="Greedy">Best token of each step behind the prompt.</param>
    public sealed record Golden(int[] Prompt, float[] LastLogits, int[] Argmax, float[] ArgmaxMargin, int[] Greedy);

    public static IEnumerable<Golden> Read(string model) => Fixture.ReadLines<Golden>(System.IO.Path.ChangeExtension(model, ".jsonl"));
}
