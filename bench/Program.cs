using Parley.bench.Forward;

// Each benchmark prints a line "result NAME/CASE …" a case and a last line with ours, the reference and their ratio.
var benchmarks = new SortedDictionary<string, Action>(StringComparer.Ordinal)
{
    ["forward"] = ForwardBenchmark.Run,
};

if (args.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown}'; there are: {string.Join(", ", benchmarks.Keys)}.");
    return 1;
}

foreach (var name in args.Length > 0 ? args : [.. benchmarks.Keys]) benchmarks[name]();
return 0;
