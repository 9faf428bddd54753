using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Storage;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Administers accounts for plugins: of served domains only, and with passwords that a client can log in with.</summary>
internal sealed class AccountManager(IAccountAdministration accounts, SessionRegistry sessions, XmppServerSettings settings) : IAccountManager
{
    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(Jid account, string password, CancellationToken ct = default)
    {
        if (account.Local is null || !account.IsBare || !settings.Domains.Contains(account.Domain)) throw new ArgumentException("An account is named by its bare address at a served domain.", nameof(account));
        Check(password);
        return accounts.AddAsync(account, password, ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(Jid account, CancellationToken ct = default) => accounts.RemoveAsync(account, ct);

    /// <inheritdoc/>
    public ValueTask<bool> SetPasswordAsync(Jid account, string password, CancellationToken ct = default)
    {
        Check(password);
        return accounts.SetPasswordAsync(account, password, ct);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Jid>> ListAsync(string domain, CancellationToken ct = default) => accounts.ListAsync(domain, ct);

    /// <inheritdoc/>
    public IReadOnlyList<ISession> Sessions(string domain) => [.. sessions.All().Where(s => s.Jid.Domain == domain)];

    /// <inheritdoc/>
    public bool End(string sessionId, string condition = "policy-violation")
    {
        if (((ISessionDirectory)sessions).FindById(sessionId) is not Session session) return false;
        session.Close(condition);
        return true;
    }

    private static void Check(string password)
    {
        if (password.Length == 0 || !SaslPrep.TryPrepare(password, out _)) throw new ArgumentException("The password is empty or holds characters that are not allowed (RFC 4013).", nameof(password));
    }
}
