using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>One stream of a play: says what it is told, keeps what it hears.</summary>
internal sealed class Actor(ILine line, string domain) : Ears
{
    /// <summary>How a stream ends that ends without an error.</summary>
    public const string Closed = "closed";

    private const string FenceId = "play-fence";

    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Task _listening = Task.CompletedTask;
    private bool _isBound;
    private string? _component;
    private string? _conditions;
    private bool _hasSaidGoodbye;

    /// <inheritdoc/>
    public override bool CanFence => _isBound;

    /// <summary>What carries it.</summary>
    public ILine Line => line;

    /// <summary>Begins to listen.</summary>
    public Actor Listen()
    {
        _listening = ListenAsync();
        return this;
    }

    /// <summary>Opens a stream, or opens it anew.</summary>
    public Task OpenAsync(CancellationToken ct) => SayAsync(line.Header(domain), ct);

    /// <summary>Sends an element.</summary>
    public Task SendAsync(Element element, CancellationToken ct) => SayAsync(line.Write(element), ct);

    /// <summary>Sends text as it is.</summary>
    public async Task SayAsync(string text, CancellationToken ct)
    {
        // Goodbye is said in the midst of listening.
        await _turn.WaitAsync(ct);
        try
        {
            await line.SayAsync(text, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Goes on under TLS, once the server has said that it may.</summary>
    public async Task SecureAsync(CancellationToken ct)
    {
        await _listening.WaitAsync(ct);
        await line.SecureAsync(ct);
        Listen();
    }

    /// <summary>Logs in and binds a resource.</summary>
    public async Task LogInAsync(string user, string password, string resource, CancellationToken ct)
    {
        await OpenAsync(ct);
        await PassFeaturesAsync(ct);
        await Login.RunAsync(this, "SCRAM-SHA-256", user, password, null, ct);
        if (await TakeAsync(ct) is not { } success || !success.Is("success", Ns.Sasl)) throw new PlayException($"{user} is not let in.");
        await OpenAsync(ct);
        await PassFeaturesAsync(ct);
        var bind = new Element("bind", Ns.Bind).Add("resource", r => r.Text(resource));
        await SendAsync(new Element("iq", Ns.Client).Attr("type", "set").Attr("id", "bind").Add(bind), ct);
        if (await TakeAsync(ct) is not { } bound || bound.Child("bind", Ns.Bind)?.Child("jid") is null) throw new PlayException($"{user} is not bound.");
    }

    /// <inheritdoc/>
    public override async Task FenceAsync(CancellationToken ct)
    {
        if (!_isBound) return;
        try
        {
            await SendAsync(new Element("iq", Ns.Client).Attr("type", "get").Attr("id", FenceId).Attr("from", _component).Attr("to", _component is null ? null : domain).Add(new Element("ping", Ns.Ping)), ct);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It ended: what it said before is heard all the same.
        }

        while (await HearAsync(ct) is { } element)
        {
            if (element["id"] == FenceId) return;
            Wait(element);
        }
    }

    /// <summary>Closes the stream, and waits until the server has closed it too.</summary>
    public async Task LeaveAsync(CancellationToken ct)
    {
        await SayGoodbyeAsync();
        await _listening.WaitAsync(ct);
        await DisposeAsync();
    }

    /// <summary>Goes away without a word.</summary>
    public async Task BreakAsync()
    {
        // Nobody reads any more when the carrier goes.
        await _over.CancelAsync();
        await _listening;
        await line.DisposeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _listening;
        await SayGoodbyeAsync();
        await line.DisposeAsync();
        _over.Dispose();
        _turn.Dispose();
    }

    // Once, whoever begins.
    private async Task SayGoodbyeAsync()
    {
        if (Interlocked.Exchange(ref _hasSaidGoodbye, true)) return;
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await _turn.WaitAsync(patience.Token);
            try
            {
                await line.SayGoodbyeAsync(patience.Token);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException or System.Net.WebSockets.WebSocketException)
        {
            // It has gone already.
        }
    }

    private async Task PassFeaturesAsync(CancellationToken ct)
    {
        while (await TakeAsync(ct) is { } element)
        {
            if (element.Is("features", Ns.Streams)) return;
        }

        throw new PlayException($"the stream ended ({End}).");
    }

    private async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                var step = await line.HearAsync(_over.Token);
                switch (step.Kind)
                {
                    case XmlStreamEventKind.StreamOpened:
                        Hear(step.Element!);
                        break;
                    case XmlStreamEventKind.Element:
                        // TLS begins behind this.
                        if (!Understand(step.Element!)) return;
                        if (step.Element!.Is("close", Ns.Framing)) await SayGoodbyeAsync();
                        break;
                    case XmlStreamEventKind.Fault:
                        Finish($"what the server says is no XMPP: {step.Error!.Condition}");
                        return;
                    case XmlStreamEventKind.StreamClosed:
                        // RFC 6120 section 4.4: the other side is waiting for that.
                        await SayGoodbyeAsync();
                        Finish(_conditions ?? Closed);
                        return;
                    default:
                        Finish(_conditions ?? Closed);
                        return;
                }
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or System.Net.WebSockets.WebSocketException)
        {
            Finish(_conditions ?? e.Message);
        }
    }

    private bool Understand(Element element)
    {
        if (element.Is("error", Ns.Streams)) _conditions = string.Join(' ', element.Children.Where(c => c.Name != "text").Select(c => c.Name));
        // RFC 6120 section 6.4.6: a new stream follows.
        if (element.Is("success", Ns.Sasl)) line.Restart();
        _isBound |= element.Child("bind", Ns.Bind)?.Child("jid") is not null || element.Child("bound", Ns.Bind2) is not null || element.Child("resumed", Ns.StreamManagement) is not null || element.Is("resumed", Ns.StreamManagement);
        Hear(element);
        return !element.Is("proceed", Ns.Tls);
    }

    /// <summary>It is a component (XEP-0114), which speaks for a domain of its own.</summary>
    public void SpeakFor(string component) => (_component, _isBound) = (component, true);
}
