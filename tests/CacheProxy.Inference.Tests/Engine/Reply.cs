using System.Text;
using System.Threading.Channels;
using CacheProxy.Inference.Generation;

namespace CacheProxy.Inference.Tests.Engine;

/// <summary>All that a reader gets of one answer.</summary>
/// <param name="Tokens">Of the prompt first, where asked for; log probabilities as bits.</param>
internal sealed record Reply(string Text, IReadOnlyList<string> Tokens, GenerationEvent.Finished End)
{
    /// <param name="onFirst">Called when the first piece is there.</param>
    public static async Task<Reply> Read(ChannelReader<GenerationEvent> events, Action? onFirst = null)
    {
        var text = new StringBuilder();
        var tokens = new List<string>();
        GenerationEvent.Finished? end = null;
        await foreach (GenerationEvent item in events.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            Assert.Null(end);
            end = item as GenerationEvent.Finished;
            if (item is GenerationEvent.Delta delta)
            {
                text.Append(delta.Text);
                tokens.AddRange(delta.Tokens.Select(Describe));
                onFirst?.Invoke();
            }
        }

        return new Reply(text.ToString(), tokens, Assert.IsType<GenerationEvent.Finished>(end));
    }

    private static string Describe(TokenLogProb token) =>
        $"{token.Token} {Bits(token.LogProb)} [{string.Join(", ", token.Top.Select(other => $"{other.Token} {Bits(other.LogProb)}"))}]";

    private static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
