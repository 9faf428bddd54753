using System.Text.RegularExpressions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>A play on a stage.</summary>
internal sealed partial class Performance(Play play, IStage stage, Cast cast) : IAsyncDisposable
{
    private const string Password = "secret";

    private readonly Entrance _entrance = new(stage);
    private readonly Dictionary<string, Ears> _actors = [];
    private readonly HashSet<string> _accounts = [];

    /// <summary>How long a line may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Plays it to the end.</summary>
    /// <exception cref="PlayException">It went otherwise than written; the message says at which line and how.</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var line in play.Lines)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            try
            {
                await DoAsync(line, patience.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw new PlayException($"{play.Name}:{line.Number}: {line.Text}: nothing more came. Waiting are:\n{Waiting()}");
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new PlayException($"{play.Name}:{line.Number}: {line.Text}: {e.Message}\nWaiting are:\n{Waiting()}", e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var actor in _actors.Values) await actor.DisposeAsync();
        _entrance.Dispose();
    }

    private async Task DoAsync(PlayLine line, CancellationToken ct)
    {
        var words = line.Text.Split(' ', 2);
        var (who, what) = (words[0], words.Length > 1 ? words[1] : "");
        if (Friends().Match(line.Text) is { Success: true } friends) await stage.BefriendAsync(await AccountAsync(friends.Groups[1].Value, ct), await AccountAsync(friends.Groups[2].Value, ct), ct);
        else if (what == "exists") await AccountAsync(who, ct);
        else if (who == "everybody" && what == "forgets") await ForgetAsync(_actors.Values, ct);
        else if (what is "connects" or "comes online") await ConnectAsync(who, isOnline: what != "connects", ct);
        else if (Dials().Match(what) is { Success: true } dials) await DialAsync(who, dials.Groups[1].Value, ct);
        else if (Requests().Match(what) is { Success: true } requests) Ask(who, requests.Groups[1].Value, cast.Fill(requests.Groups[2].Value), cast.Fill(line.Xml));
        else await ActAsync(who, _actors.GetValueOrDefault(who) ?? throw new PlayException($"{who} has not come."), what, line.Xml, ct);
    }

    private async Task ActAsync(string who, Ears ears, string what, string xml, CancellationToken ct)
    {
        if (Hears().Match(what) is { Success: true } hears)
        {
            await HearAsync(ears, hears.Groups[1].Value, xml, ct);
        }
        else if (CutOff().Match(what) is { Success: true } end)
        {
            await Hearing.EndAsync(ears, end.Groups[1].Value, ct);
        }
        else if (ears is not Actor actor)
        {
            throw new PlayException("nobody knows how to do that by HTTP.");
        }
        else if (Authenticates().Match(what) is { Success: true } login)
        {
            var secret = login.Groups[3] is { Success: true } given ? cast.Fill(given.Value) : Password;
            await Login.RunAsync(actor, login.Groups[1].Value, cast.BareOf(who.Split('/')[0]).Split('@')[0], secret, login.Groups[2].Success ? Fragments.Read(cast.Fill(xml)) : null, ct);
        }
        else
        {
            await SayAsync(who, actor, what, cast.Fill(xml), ct);
        }
    }

    private Task HearAsync(Ears ears, string how, string xml, CancellationToken ct) => how switch
    {
        "" => Hearing.InOrderAsync(ears, Patterns(xml), ct),
        " in any order" => Hearing.AnyOrderAsync(ears, Patterns(xml), ct),
        _ => Hearing.NothingAsync(ears, ct),
    };

    private async Task SayAsync(string who, Actor actor, string what, string xml, CancellationToken ct)
    {
        switch (what)
        {
            case "opens":
                await actor.OpenAsync(ct);
                break;
            case "starts TLS":
                await actor.SecureAsync(ct);
                break;
            case "sends":
                foreach (var element in Fragments.Read(xml)) await actor.SendAsync(element, ct);
                await actor.FenceAsync(ct);
                break;
            case "writes":
                await actor.SayAsync(xml.TrimEnd('\n'), ct);
                break;
            case "forgets":
                await ForgetAsync([actor], ct);
                break;
            case "leaves":
                await actor.LeaveAsync(ct);
                _actors.Remove(who);
                break;
            case "breaks":
                await actor.BreakAsync();
                _actors.Remove(who);
                break;
            default:
                if (!what.StartsWith("speaks for ", StringComparison.Ordinal)) throw new PlayException("nobody knows how to do that.");
                actor.SpeakFor(cast.Fill(what["speaks for ".Length..]));
                break;
        }
    }

    private async Task ConnectAsync(string who, bool isOnline, CancellationToken ct)
    {
        var (name, resource) = who.Split('/') is [var n, var r] ? (n, r) : throw new PlayException("a client is written name/resource.");
        var account = await AccountAsync(name, ct);
        var actor = await _entrance.DialAsync("c2s", ct);
        _actors.Add(who, actor);
        await actor.LogInAsync(account.Local!, Password, resource, ct);
        if (!isOnline) return;
        await actor.SendAsync(new Element("presence", "jabber:client"), ct);
        await actor.FenceAsync(ct);
        actor.Forget();
    }

    // Somebody who is an account's client has one, as who logs in otherwise.
    private async Task DialAsync(string who, string door, CancellationToken ct)
    {
        if (who.Contains('/', StringComparison.Ordinal)) await AccountAsync(who.Split('/')[0], ct);
        _actors.Add(who, await _entrance.DialAsync(door, ct));
    }

    private void Ask(string who, string method, string address, string text)
    {
        if (!_actors.TryGetValue(who, out var ears)) _actors.Add(who, ears = _entrance.Ask());
        // Held answers outlive the line.
        (ears as Asker ?? throw new PlayException($"{who} has a stream.")).Ask(method, address, text, CancellationToken.None);
    }

    private async Task<Jid> AccountAsync(string name, CancellationToken ct)
    {
        var account = Jid.Parse(cast.BareOf(name));
        if (_accounts.Add(name)) await stage.AddAccountAsync(account, Password, ct);
        return account;
    }

    // Everybody's stanzas have been dealt with before anybody's are thrown away.
    private static async Task ForgetAsync(IReadOnlyCollection<Ears> actors, CancellationToken ct)
    {
        foreach (var actor in actors) await actor.FenceAsync(ct);
        foreach (var actor in actors) actor.Forget();
    }

    private List<Pattern> Patterns(string xml) => [.. Fragments.Read(cast.Fill(xml)).Select(e => new Pattern(e, cast.Taken))];

    private string Waiting() => string.Join('\n', _actors.SelectMany(a => a.Value.Waiting.Select(e => $"  {a.Key}: {e}")));

    [GeneratedRegex(@"^(\S+) and (\S+) are friends$")]
    private static partial Regex Friends();

    [GeneratedRegex(@"^dials (\S+)$")]
    private static partial Regex Dials();

    [GeneratedRegex(@"^requests ([A-Z]+) (\S+)$")]
    private static partial Regex Requests();

    [GeneratedRegex(@"^hears( in any order| nothing|)$")]
    private static partial Regex Hears();

    [GeneratedRegex(@"^is (?:cut off with (.+)|let go)$")]
    private static partial Regex CutOff();

    [GeneratedRegex(@"^authenticates by (\S+)( inline)?(?: with (\S+))?$")]
    private static partial Regex Authenticates();
}
