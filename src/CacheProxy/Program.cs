Console.WriteLine("CacheProxy");
