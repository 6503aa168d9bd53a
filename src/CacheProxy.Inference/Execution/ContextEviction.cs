namespace CacheProxy.Inference.Execution;

/// <summary>
/// Attention to the first tokens (the sinks) and the last ones alone, so that an answer goes on beyond the model's context and the KV
/// pool in bounded memory, with what lies between forgotten (StreamingLLM, arXiv 2309.17453).
/// </summary>
/// <remarks>
/// It holds as a mask from the first token on, not as an event: a token attends to the sinks and to the <see cref="Window"/> tokens
/// up to itself. So its KV depends on the tokens alone, never on when room was made, and stays fit for sharing and for recomputing.
/// Positions: keys keep the rotation of their true position, which is right for the window, where only distances count. For the sinks
/// the query is turned to position <see cref="Sinks"/> + <see cref="Window"/> - 1 at most, which gives the distances inside a cache
/// of that length; no key is ever rotated again.
/// </remarks>
/// <param name="Sinks">Tokens kept from the start, a multiple of 16 (the paper finds 4 enough). Default 16.</param>
/// <param name="Window">Tokens kept up to the current one, itself included. Default 4096.</param>
public sealed record ContextEviction(int Sinks = 16, int Window = 4096)
{
    /// <exception cref="ArgumentException">The sizes do not fit the blocks or the model.</exception>
    internal void Validate(int contextLength)
    {
        if (Sinks < 0 || Sinks % KvPool.BlockSize != 0)
        {
            throw new ArgumentException($"The attention sinks are whole blocks of {KvPool.BlockSize} tokens, not {Sinks} tokens.");
        }

        if (Window < 1 || (long)Sinks + Window > contextLength)
        {
            throw new ArgumentException($"{Sinks} sinks and a window of {Window} tokens do not fit the model's context of {contextLength}.");
        }
    }
}
