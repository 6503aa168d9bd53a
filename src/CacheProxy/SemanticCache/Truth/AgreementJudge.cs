using System.Numerics.Tensors;
using CacheProxy.Exchange.Answers;
using CacheProxy.SemanticCache.Encoders;
using Microsoft.Extensions.Options;

namespace CacheProxy.SemanticCache.Truth;

/// <summary>
/// Says whether two answers are the same answer: equal words; contradicting numbers, names or yes and no; else the cosine of their embeddings.
/// Between sure and unsure it says that it does not know. Never throws but for its caller's cancellation.
/// </summary>
/// <param name="embedder">One that may take its time.</param>
public sealed class AgreementJudge(IEmbedder embedder, IOptionsMonitor<SemanticOptions> options)
{
    // Answers to different questions about one thing reach 0.6; below it they are about different things.
    private const double Different = 0.5;

    // The encoder reads 256 word pieces: the beginning of a longer answer.
    private const int MostCharacters = 1000;

    public async ValueTask<ObservationOutcome> JudgeAsync(CanonicalAnswer stored, CanonicalAnswer fresh, CancellationToken cancellationToken)
    {
        AnswerText one = AnswerText.Of(stored), other = AnswerText.Of(fresh);
        if (one.Calls.Length + other.Calls.Length > 0)
        {
            return one.Calls == other.Calls ? ObservationOutcome.Right : ObservationOutcome.Wrong;
        }

        if (string.IsNullOrWhiteSpace(one.Text) || string.IsNullOrWhiteSpace(other.Text))
        {
            return ObservationOutcome.Unknown;
        }

        if (TextAgreement.AreEqual(one.Text, other.Text))
        {
            return ObservationOutcome.Right;
        }

        return TextAgreement.Contradict(one.Text, other.Text) ? ObservationOutcome.Wrong : await CompareAsync(one.Text, other.Text, cancellationToken);
    }

    /// <summary>Nobody else may say that they are the same: one negates what the other says.</summary>
    public static bool IsContested(CanonicalAnswer stored, CanonicalAnswer fresh)
        => TextAgreement.NegationsDiffer(Head(AnswerText.Of(stored).Text), Head(AnswerText.Of(fresh).Text));

    private async ValueTask<ObservationOutcome> CompareAsync(string one, string other, CancellationToken cancellationToken)
    {
        try
        {
            Embedding left = await embedder.EmbedAsync(Head(one), cancellationToken);
            Embedding right = await embedder.EmbedAsync(Head(other), cancellationToken);
            float cosine = TensorPrimitives.Dot(left.Vector.Span, right.Vector.Span);
            bool isWhole = !left.IsTruncated && !right.IsTruncated && one.Length <= MostCharacters && other.Length <= MostCharacters;

            // Equal beginnings say nothing of their ends; different ones are different answers already.
            return cosine >= options.CurrentValue.AnswerSimilarity && isWhole && !TextAgreement.NegationsDiffer(one, other) ? ObservationOutcome.Right
                : cosine < Different ? ObservationOutcome.Wrong
                : ObservationOutcome.Unknown;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Without an encoder nothing more can be said.
            return ObservationOutcome.Unknown;
        }
    }

    private static string Head(string text) => text.Length <= MostCharacters ? text : text[..MostCharacters];
}
