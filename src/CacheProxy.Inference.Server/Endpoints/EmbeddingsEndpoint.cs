using CacheProxy.Inference.Scheduling;
using CacheProxy.Inference.Server.Http;
using CacheProxy.Inference.Server.Models;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Inference.Server.Endpoints;

/// <summary><c>POST /v1/embeddings</c>.</summary>
internal sealed class EmbeddingsEndpoint(ServedModels models) : IDisposable
{
    // Texts per run: enough to fill the cores, few enough that a client's going is noticed soon.
    private const int TextsPerRun = 32;

    // Every run uses all cores; more at once would only take memory.
    private readonly SemaphoreSlim _turns = new(2);

    public async Task InvokeAsync(HttpContext context)
    {
        EmbeddingRequest request = await JsonBody.ReadAsync<EmbeddingRequest>(context, EmbeddingRequest.TryParse).ConfigureAwait(false);
        EmbeddingModel model = models.Get<EmbeddingModel>(request.Model);
        long tokens = CheckInputs(request, model);
        ServerSpan.Note(EngineSpans.InputTokens, tokens);
        float[][] vectors = await EmbedAsync(model, request.Inputs, context.RequestAborted).ConfigureAwait(false);
        var body = new EmbeddingList
        {
            Data = [.. vectors.Select((vector, i) => new Embedding { Index = i, Vector = new EmbeddingVector(vector, request.IsBase64) })],
            Model = model.Id,
            Usage = new EmbeddingUsage(tokens, tokens),
        };
        await JsonAnswer.WriteAsync(context, body, OpenAIJson.Default.EmbeddingList).ConfigureAwait(false);
    }

    public void Dispose() => _turns.Dispose();

    /// <returns>Tokens of all inputs.</returns>
    private static long CheckInputs(EmbeddingRequest request, EmbeddingModel model)
    {
        if (request.Dimensions is { } dimensions && dimensions != model.Encoder.Dimensions)
        {
            throw new RequestErrorException(RequestError.UnsupportedValue(
                "dimensions", $"The model '{model.Id}' makes vectors of {model.Encoder.Dimensions} dimensions; it does not shorten them to {dimensions}."));
        }

        long total = 0;
        for (int i = 0; i < request.Inputs.Count; i++)
        {
            string param = request.Inputs.Count == 1 ? "input" : $"input[{i}]";
            string text = request.Inputs[i].Text ?? throw new RequestErrorException(RequestError.UnsupportedValue(
                param, $"The model '{model.Id}' takes text only: send 'input' as a string or an array of strings, not as tokens."));
            int tokens = model.Encoder.CountTokens(text);
            if (tokens > model.Encoder.MaxTokens)
            {
                throw new RequestErrorException(RequestError.ContextLengthExceeded(param, tokens, model.Encoder.MaxTokens));
            }

            total += tokens;
        }

        return total;
    }

    private async Task<float[][]> EmbedAsync(EmbeddingModel model, IReadOnlyList<TextInput> inputs, CancellationToken cancellation)
    {
        var vectors = new List<float[]>(inputs.Count);
        foreach (TextInput[] run in inputs.Chunk(TextsPerRun))
        {
            await _turns.WaitAsync(cancellation).ConfigureAwait(false);
            try
            {
                vectors.AddRange(model.Encoder.Embed([.. run.Select(input => input.Text!)]));
            }
            finally
            {
                _turns.Release();
            }
        }

        return [.. vectors];
    }
}
