using Parley.bench.Audio;
using Parley.bench.Chat;
using Parley.bench.Forward;
using Parley.bench.Pictures;
using Parley.bench.Turn;

// Each benchmark prints a line "result NAME/CASE …" a case and a last line with ours, the reference and their ratio.
var isLong = args.Contains("--long");
var names = args.Where(a => a != "--long").ToArray();
var benchmarks = new SortedDictionary<string, Action>(StringComparer.Ordinal)
{
    ["chat-archive"] = () => ChatArchiveBenchmark.Run(isLong),
    ["chat-idle-memory"] = () => ChatIdleBenchmark.Run(isLong),
    ["chat-managed"] = () => ChatManagedBenchmark.Run(isLong),
    ["chat-messages"] = () => ChatMessagesBenchmark.Run(isLong),
    ["chat-room"] = () => ChatRoomBenchmark.Run(isLong),
    ["forward"] = ForwardBenchmark.Run,
    ["mixer-audio"] = () => MixerAudioBenchmark.Run(isLong),
    ["mixer-video"] = () => MixerVideoBenchmark.Run(isLong),
    ["turn"] = () => TurnBenchmark.Run(isLong),
};

if (names.FirstOrDefault(name => !benchmarks.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown}'; there are: {string.Join(", ", benchmarks.Keys)}.");
    return 1;
}

foreach (var name in names.Length > 0 ? names : [.. benchmarks.Keys]) benchmarks[name]();
return 0;
