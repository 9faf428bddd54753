using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Security;

namespace Parley.Xmpp.Server.Storage;

/// <summary>
/// Keeps of a token a nonce only: the token is made of it by a secret that is not in the database, so that nobody logs in with a copy of the database (decision 021).
/// A client has two places, as XEP-0484 section 3.4 proposes: the token it uses, and one that it was given and has not used.
/// </summary>
internal sealed class TokenStore : ITokenStore
{
    /// <summary>The file of the secret below the data directory.</summary>
    public const string SecretFile = "client-tokens.key";

    /// <summary>Clients of one account that may have tokens; the one whose token ends first makes room.</summary>
    public const int ClientsPerAccount = 50;

    private const int NonceBytes = 24;

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly TimeSpan _lifetime;
    private readonly byte[] _secret;

    public TokenStore(Database database, XmppServerSettings settings, TimeProvider time)
    {
        (_database, _time, _lifetime) = (database, time, settings.Auth.TokenLifetime);
        _secret = KeptSecret.LoadOrMake(settings.DataDirectory, SecretFile);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ClientToken>> FindAsync(Jid account, string client, string mechanism, CancellationToken ct = default)
    {
        var key = new { account = account.Bare.ToString(), client, mechanism, now = _time.GetUtcNow().ToUnixTimeMilliseconds() };
        var rows = await _database.ReadAsync(c => c.Query<Row>(
            """
            SELECT nonce AS Nonce, is_new AS IsNew, issued AS Issued, expires AS Expires,
              (SELECT COALESCE(MAX(id), 0) FROM account_changes h WHERE h.account = @account) AS Change FROM client_tokens
            WHERE account = @account AND client = @client AND mechanism = @mechanism AND expires > @now ORDER BY is_new DESC
            """, key).ToList(), ct);
        return [.. rows.Select(r => new ClientToken(TokenOf(key.account, client, mechanism, r.Nonce), r.IsNew != 0, DateTimeOffset.FromUnixTimeMilliseconds(r.Issued), DateTimeOffset.FromUnixTimeMilliseconds(r.Expires)) { Change = r.Change })];
    }

    /// <inheritdoc/>
    public async ValueTask<ClientToken> IssueAsync(Jid account, string client, string mechanism, CancellationToken ct = default)
    {
        var (name, nonce, now) = (account.Bare.ToString(), RandomNumberGenerator.GetBytes(NonceBytes), _time.GetUtcNow());
        var expires = now + _lifetime;
        await _database.WriteAsync(c =>
        {
            c.Execute(
                """
                INSERT INTO client_tokens (account, client, is_new, mechanism, nonce, issued, expires) VALUES (@name, @client, 1, @mechanism, @nonce, @issued, @expires)
                ON CONFLICT (account, client, is_new) DO UPDATE SET mechanism = @mechanism, nonce = @nonce, issued = @issued, expires = @expires
                """,
                new { name, client, mechanism, nonce, issued = now.ToUnixTimeMilliseconds(), expires = expires.ToUnixTimeMilliseconds() });
            return c.Execute(
                """
                DELETE FROM client_tokens WHERE account = @name AND (expires <= @now OR client IN (
                  SELECT client FROM client_tokens WHERE account = @name AND client <> @client GROUP BY client ORDER BY MAX(expires) DESC LIMIT 1000 OFFSET @most))
                """,
                new { name, client, now = now.ToUnixTimeMilliseconds(), most = ClientsPerAccount - 1 });
        }, ct);
        return new ClientToken(TokenOf(name, client, mechanism, nonce), IsNew: true, now, expires);
    }

    /// <inheritdoc/>
    public async ValueTask UsedAsync(Jid account, string client, ClientToken token, CancellationToken ct = default)
    {
        if (!token.IsNew) return;
        var key = new { name = account.Bare.ToString(), client, issued = token.Issued.ToUnixTimeMilliseconds() };
        await _database.WriteAsync(c =>
        {
            // Unless another connection of the client has got a newer one meanwhile.
            if (!c.ExecuteScalar<bool>("SELECT EXISTS (SELECT 1 FROM client_tokens WHERE account = @name AND client = @client AND is_new = 1 AND issued = @issued)", key)) return 0;
            c.Execute("DELETE FROM client_tokens WHERE account = @name AND client = @client AND is_new = 0", key);
            return c.Execute("UPDATE client_tokens SET is_new = 0 WHERE account = @name AND client = @client AND is_new = 1", key);
        }, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RevokeAsync(Jid account, string client, ClientToken token, CancellationToken ct = default) => await _database.WriteAsync(c => c.Execute(
        "DELETE FROM client_tokens WHERE account = @name AND client = @client AND issued <= @issued",
        new { name = account.Bare.ToString(), client, issued = token.Issued.ToUnixTimeMilliseconds() }), ct);

    private string TokenOf(string account, string client, string mechanism, byte[] nonce)
    {
        byte[] data = [.. Encoding.UTF8.GetBytes($"{account}\0{client}\0{mechanism}\0"), .. nonce];
        return Base64Url.EncodeToString(HMACSHA256.HashData(_secret, data));
    }

    private sealed class Row
    {
        public byte[] Nonce { get; set; } = [];

        public int IsNew { get; set; }

        public long Issued { get; set; }

        public long Expires { get; set; }

        public long Change { get; set; }
    }
}
