using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Parley.tests.Wire.Hostile;

/// <summary>
/// Honest people at two addresses of their own and behind the attacker's: they chat one to one and in a room all the time, and now and then one more logs in. Afterwards it must not have
/// mattered to them that there was an attack.
/// </summary>
internal sealed class HonestCrowd : IAsyncDisposable
{
    /// <summary>Where they meet.</summary>
    public const string Room = "lounge@rooms.localhost";

    /// <summary>The longest that a message may take, and a log-in with its handshake and its password. Generous: machines differ, and this one attacks itself.</summary>
    public static readonly TimeSpan MostDelay = TimeSpan.FromSeconds(3), MostLogIn = TimeSpan.FromSeconds(5);

    /// <summary>By how much the server's resident memory may grow under any of the attacks, and how large it may be.</summary>
    public const long MostGrowth = 150L << 20, MostResident = 500L << 20;

    private readonly HostileLab _lab;
    private readonly HonestClient[] _people;
    private readonly (string From, string User)[] _newcomers;
    private readonly ConcurrentQueue<Sent> _sent = new();
    private readonly ConcurrentQueue<TimeSpan> _logIns = new();
    private readonly ConcurrentQueue<string> _faults = new();
    private readonly CancellationTokenSource _over = new();
    private readonly Task[] _running;
    private long _resident;

    private HonestCrowd(HostileLab lab, HonestClient[] people, (string, string)[] newcomers)
    {
        (_lab, _people, _newcomers) = (lab, people, newcomers);
        foreach (var one in people) one.Listen();
        _running = [Task.Run(ChatAsync), Task.Run(WatchAsync), .. newcomers.Select((_, i) => Task.Run(() => ComeAsync(i)))];
    }

    /// <summary>Gathers them: Ann and Ben at addresses of their own, Cyd at <paramref name="shared"/>.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="shared">The attacker's address.</param>
    /// <param name="newcomers">Who else logs in again and again, and from where.</param>
    public static async Task<HonestCrowd> GatherAsync(HostileLab lab, string shared, params (string From, string User)[] newcomers)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        var people = new List<HonestClient>();
        foreach (var (from, user) in new[] { (HostileLab.Home, "ann"), (HostileLab.Work, "ben"), (shared, "cyd") })
        {
            people.Add(await HonestClient.LogInAsync(lab.Namespace, from, user, limit.Token));
            await people[^1].EnterAsync(Room, limit.Token);
        }

        return new HonestCrowd(lab, [.. people], newcomers);
    }

    /// <summary>Ann, Ben and Cyd.</summary>
    public IReadOnlyList<HonestClient> People => _people;

    /// <summary>How many have logged in meanwhile.</summary>
    public int LogIns => _logIns.Count;

    /// <summary>Lets them chat for a while undisturbed, then under attack, and says how it went.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="settled">How long to look on when it is over.</param>
    public async Task EndureAsync(Func<Task> attack, TimeSpan settled = default)
    {
        await Task.Delay(500, TestContext.Current.CancellationToken);
        var (began, before) = (Stopwatch.GetTimestamp(), _lab.ResidentBytes());
        Interlocked.Exchange(ref _resident, before);
        await attack();
        await Task.Delay(settled, TestContext.Current.CancellationToken);
        await _over.CancelAsync();
        await Task.WhenAll(_running);
        var took = Stopwatch.GetElapsedTime(began);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        for (var i = 0; i < 40 && _sent.Any(s => !s.HasCome); i++) await Task.Delay(100, TestContext.Current.CancellationToken);
        Judge(began, before, took);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var one in _people) await one.DisposeAsync();
        _over.Dispose();
    }

    private void Judge(long began, long before, TimeSpan took)
    {
        var output = TestContext.Current.TestOutputHelper;
        var quiet = _sent.Where(s => s.At < began).Select(s => s.Delay).Order().ToArray();
        var during = _sent.Where(s => s.At >= began).Select(s => s.Delay).Order().ToArray();
        var logIns = _logIns.Order().ToArray();
        output?.WriteLine(FormattableString.Invariant(
            $"{took.TotalSeconds:f1} s; messages before: {quiet.Length}, median {Middle(quiet):f1} ms, largest {Last(quiet):f0} ms; during: {during.Length}, median {Middle(during):f1} ms, largest {Last(during):f0} ms; log-ins: {logIns.Length}, largest {Last(logIns):f0} ms; memory {before >> 20} to {_resident >> 20} MiB"));
        Assert.Empty(_people.SelectMany(p => p.Faults).Concat(_faults));
        Assert.True(_sent.All(s => s.HasCome), "lost: " + string.Join(", ", _sent.Where(s => !s.HasCome).Select(s => s.Id)));
        // They never stopped.
        Assert.InRange(during.Length, (int)(took.TotalSeconds * 10), int.MaxValue);
        Assert.True(during[^1] <= MostDelay, $"A message took {during[^1]}.");
        Assert.All(logIns, l => Assert.True(l <= MostLogIn, $"A log-in took {l}."));
        if (_newcomers.Length > 0) Assert.NotEmpty(logIns);
        Assert.InRange(_resident, 0, Math.Min(MostResident, before + MostGrowth));
    }

    private static double Middle(TimeSpan[] sorted) => sorted.Length == 0 ? 0 : sorted[sorted.Length / 2].TotalMilliseconds;

    private static double Last(TimeSpan[] sorted) => sorted.Length == 0 ? 0 : sorted[^1].TotalMilliseconds;

    private async Task ChatAsync()
    {
        for (var i = 0; !_over.IsCancellationRequested; i++)
        {
            var sender = _people[i % 3];
            if (i / 3 % 2 == 0)
            {
                var receiver = _people[(i + 1 + (i / 6 % 2)) % 3];
                var sent = new Sent($"chat-{i}", [receiver]);
                _sent.Enqueue(sent);
                await sender.SayAsync($"<message type='chat' to='{receiver.Jid}' id='{sent.Id}'><body>hello {i}</body></message>");
            }
            else
            {
                var sent = new Sent($"room-{i}", _people);
                _sent.Enqueue(sent);
                await sender.SayAsync($"<message type='groupchat' to='{Room}' id='{sent.Id}'><body>hello {i}</body></message>");
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    private async Task WatchAsync()
    {
        while (!_over.IsCancellationRequested)
        {
            var now = _lab.ResidentBytes();
            if (now > Interlocked.Read(ref _resident)) Interlocked.Exchange(ref _resident, now);
            await Task.Delay(100, CancellationToken.None);
        }
    }

    private async Task ComeAsync(int index)
    {
        var (from, user) = _newcomers[index];
        while (!_over.IsCancellationRequested)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                using var limit = new CancellationTokenSource(MostLogIn * 2);
                await using var client = await HonestClient.LogInAsync(_lab.Namespace, from, user, limit.Token);
                _logIns.Enqueue(Stopwatch.GetElapsedTime(began));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationException or InvalidOperationException)
            {
                _faults.Enqueue($"{user} at {from} could not log in: {e.Message}");
            }

            await Task.Delay(300, CancellationToken.None);
        }
    }

    private sealed record Sent(string Id, IReadOnlyList<HonestClient> To)
    {
        public long At { get; } = Stopwatch.GetTimestamp();

        public bool HasCome => To.All(t => t.Arrived.ContainsKey(Id));

        public TimeSpan Delay => To.Max(t => t.Arrived.TryGetValue(Id, out var at) ? Stopwatch.GetElapsedTime(At, at) : Stopwatch.GetElapsedTime(At));
    }
}
