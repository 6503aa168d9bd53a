Console.WriteLine("CacheProxy.Inference.Server");
