using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Archive;

/// <summary>Accounts' preferences; those that were asked for of late are in memory, since every message asks.</summary>
internal sealed class PreferenceStore(IPrivateStore store, IRosterStore rosters, IOptionsMonitor<ArchiveOptions> options) : IAccountObserver
{
    /// <summary>Preferences in memory at most.</summary>
    internal const int MaxCached = 20_000;

    private const string Document = "archive-preferences";
    private readonly AccountLocks _locks = new();
    private readonly ConcurrentDictionary<Jid, ArchivePreferences> _cache = new();

    /// <summary>Whether an account keeps messages with somebody.</summary>
    public async ValueTask<bool> KeepsAsync(Jid account, Jid with, CancellationToken ct)
    {
        var preferences = _cache.GetValueOrDefault(account) ?? await FindAsync(account, ct);
        return preferences.Judge(with, options.CurrentValue.Default) switch
        {
            ArchiveDefault.Always => true,
            // What is kept for oneself is nobody else's.
            ArchiveDefault.Roster => with.Bare == account || await rosters.FindAsync(account, with.Bare, ct) is { } item && (item.SubscribedTo || item.SubscribedFrom || item.PendingOut || item.PendingIn is null),
            _ => false,
        };
    }

    /// <summary>What an account said.</summary>
    public async ValueTask<ArchivePreferences> FindAsync(Jid account, CancellationToken ct)
    {
        using var turn = await _locks.EnterAsync(account, ct);
        if (_cache.TryGetValue(account, out var known)) return known;
        var element = await store.ReadAsync(account, Document, ct);
        return Keep(account, element is null ? ArchivePreferences.None : ArchivePreferences.Read(element) ?? ArchivePreferences.None);
    }

    /// <summary>Says it anew; durable when this returns.</summary>
    public async ValueTask WriteAsync(Jid account, ArchivePreferences preferences, CancellationToken ct)
    {
        using var turn = await _locks.EnterAsync(account, ct);
        await store.WriteAsync(account, Document, preferences.ToElement(options.CurrentValue.Default), ct);
        Keep(account, preferences);
    }

    /// <inheritdoc/>
    public void Removed(Jid account) => _cache.TryRemove(account, out _);

    private ArchivePreferences Keep(Jid account, ArchivePreferences preferences)
    {
        if (_cache.Count >= MaxCached) _cache.Clear();
        return _cache[account] = preferences;
    }
}
