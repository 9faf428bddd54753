using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Registration;
using Parley.Plugins.Registration.Accounts;
using Parley.Plugins.Registration.Invites;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Plugins.Registration;

/// <summary>The plugin on the real database and accounts.</summary>
internal sealed class RegistrationLab : IAsyncDisposable
{
    private readonly TestTables _tables = new("Registration", InviteStore.Steps);
    private readonly List<FakeSession> _sessions = [];
    private readonly RegistrationDesk _desk;
    private readonly AccountSetHandler _set;

    public RegistrationLab(RegistrationOptions options)
    {
        Settings = options;
        var monitor = Options.Of(options);
        var directory = Substitute.For<ISessionDirectory>();
        directory.Of(default!).ReturnsForAnyArgs(c => [.. _sessions.Where(s => s.Jid.Bare == c.Arg<Jid>())]);
        var server = Substitute.For<IServerInfo>();
        server.Domains.Returns(["one.test"]);
        server.HttpsPort.Returns(443);
        Accounts = new Manager(_tables.Get<IAccountAdministration>());
        Invites = new InviteStore(_tables.Database);
        var friendship = new Friendship(Rosters, directory, Router);
        Maker = new InviteMaker(Invites, _tables.Get<IAccountStore>(), server, monitor, Time);
        _desk = new RegistrationDesk(Invites, friendship, Accounts, new AddressLimits(monitor, Time), monitor, Time, NullLogger<RegistrationDesk>.Instance);
        _set = new AccountSetHandler(Accounts, Rosters, Router);
        Subscriptions = new InvitedSubscriptions(Invites, friendship, Time);
        Commands = [new InviteContactCommand(Maker, monitor), new InviteAccountCommand(Maker, monitor)];
        Page = new InvitePage(Invites, Time);
    }

    public RegistrationOptions Settings { get; }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 5, 6, 7, 8, 9, TimeSpan.Zero));

    public RecordingRouter Router { get; } = new();

    public InviteStore Invites { get; }

    public InviteMaker Maker { get; }

    public InvitedSubscriptions Subscriptions { get; }

    public IReadOnlyList<IServerCommand> Commands { get; }

    public InvitePage Page { get; }

    public Manager Accounts { get; }

    public IRosterStore Rosters => _tables.Get<IRosterStore>();

    public async Task<RegistrationLab> StartAsync()
    {
        await _tables.WithAsync("ann@one.test");
        return this;
    }

    public FakeSession Bind(string full)
    {
        var session = new FakeSession(full) { IsInterested = true };
        _sessions.Add(session);
        return session;
    }

    public async Task<bool> ExistsAsync(string jid) => await _tables.Get<IAccountStore>().ExistsAsync(jid, TestContext.Current.CancellationToken);

    public static Stranger Somebody(string address = "192.0.2.7", bool isPrivate = true, string domain = "one.test") => new(domain, IPAddress.Parse(address), isPrivate);

    public IEnumerable<string> Features(Stranger stranger) => _desk.FeaturesFor(stranger).Select(f => f.Namespace);

    public async Task<Iq?> AskAsync(Stranger stranger, string type, Element payload) => await _desk.AnswerAsync(Iq.Request(type, "1", null, Jid.Parse(stranger.Domain), payload), stranger, TestContext.Current.CancellationToken);

    public async Task<StanzaCondition?> RegisterAsync(Stranger stranger, string? user, string? password = "correct horse") => ConditionOf(await AskAsync(stranger, "set", Query(user, password)));

    public async Task<StanzaCondition?> ShowAsync(Stranger stranger, string token) => ConditionOf(await AskAsync(stranger, "set", new Element("preauth", "urn:xmpp:pars:0").Attr("token", token)));

    public async Task<StanzaCondition?> SetAsync(FakeSession session, Element query, string? to = "one.test") =>
        ConditionOf((await _set.HandleAsync(new IqRequest(Iq.Request("set", "1", session.Jid, to is null ? null : Jid.Parse(to), query), session.Sender, "one.test"), TestContext.Current.CancellationToken)).Iq);

    /// <summary>A new invitation's token.</summary>
    public async Task<string> InviteAsync(string? inviter = null, string? user = null)
    {
        var (invitation, fault) = await Maker.MakeAsync("one.test", inviter is null ? null : Jid.Parse(inviter), inviter is not null, user, null, TestContext.Current.CancellationToken);
        Assert.True(invitation is not null, fault);
        return TokenOf(invitation.Uri);
    }

    public static string TokenOf(string uri) => uri[(uri.IndexOf("preauth=", StringComparison.Ordinal) + 8)..].Split(';')[0];

    public static Element Query(string? user, string? password)
    {
        var query = new Element("query", "jabber:iq:register");
        if (user is not null) query.Add("username", u => u.Text(user));
        if (password is not null) query.Add("password", p => p.Text(password));
        return query;
    }

    public ValueTask DisposeAsync() => _tables.DisposeAsync();

    private static StanzaCondition? ConditionOf(Iq? iq)
    {
        Assert.NotNull(iq);
        return iq.IsError ? StanzaError.Of(iq).Condition : null;
    }

    /// <summary>As the server's own, for one domain.</summary>
    internal sealed class Manager(IAccountAdministration accounts) : IAccountManager
    {
        public string? LastPassword { get; private set; }

        public ValueTask<bool> AddAsync(Jid account, string password, CancellationToken ct = default) => accounts.AddAsync(account, Check(password), ct);

        public ValueTask<bool> RemoveAsync(Jid account, CancellationToken ct = default) => accounts.RemoveAsync(account, ct);

        public ValueTask<bool> SetPasswordAsync(Jid account, string password, CancellationToken ct = default) => accounts.SetPasswordAsync(account, Check(password), ct);

        public ValueTask<IReadOnlyList<Jid>> ListAsync(string domain, CancellationToken ct = default) => accounts.ListAsync(domain, ct);

        public IReadOnlyList<ISession> Sessions(string domain) => [];

        public bool End(string sessionId, string condition = "policy-violation") => false;

        private string Check(string password) => LastPassword = password.Contains('\u0007', StringComparison.Ordinal) ? throw new ArgumentException("no") : password;
    }
}
