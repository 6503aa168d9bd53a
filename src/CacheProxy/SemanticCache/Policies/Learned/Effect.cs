namespace CacheProxy.SemanticCache.Policies.Learned;

/// <summary>How much one entry's or one partition's logits differ from what is expected: mean and variance of a normal distribution, and how often it was seen.</summary>
internal record struct Effect(double Mean, double Variance, int Seen);
