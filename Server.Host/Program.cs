Console.Error.WriteLine("Parley is being built.");
return 1;
