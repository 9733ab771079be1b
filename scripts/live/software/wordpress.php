<?php
// Carries out orders of scripts/live/orders.py by WordPress's own functions: php wordpress.php SITE URL < orders.json
// Answers with {key: number} of what was made. An order it cannot carry out ends it, with the reason.
[, $site, $url] = $argv;
$_SERVER['HTTP_HOST'] = preg_replace('|^https?://|', '', rtrim($url, '/'));
$_SERVER['REQUEST_METHOD'] = 'GET';
$told = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
if ($told['install'] ?? false) {
    [$host, $socket] = explode(':', $told['install']['database']);
    (new mysqli($host, 'root', '', '', 0, $socket))->query('CREATE DATABASE wordpress CHARACTER SET utf8mb4');
    define('WP_INSTALLING', true);
}
require $site . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
if ($told['install'] ?? false) {
    wp_install('临江小报', 'editor', 'editor@example.invalid', true, '', wp_generate_password(24));
    wp_delete_post(1, true);
    wp_delete_post(2, true);
    update_option('timezone_string', 'Asia/Shanghai');
    $GLOBALS['wp_rewrite']->set_permalink_structure($told['install']['permalinks']);
    update_option('comment_moderation', '0');
    update_option('siteurl', rtrim($url, '/'));
    update_option('home', rtrim($url, '/'));
    flush_rewrite_rules();
}
wp_set_current_user(1);
$known = $told['known'] ?? [];
$made = [];

function must($what, $order) {
    if (!$what || is_wp_error($what)) {
        $reason = is_wp_error($what) ? $what->get_error_message() : $GLOBALS['wpdb']->last_error;
        fwrite(STDERR, mb_substr(json_encode($order, JSON_UNESCAPED_UNICODE), 0, 300) . ": $reason");
        exit(1);
    }
    return $what;
}

function local($at) {
    return ['gmt' => gmdate('Y-m-d H:i:s', $at), 'here' => get_date_from_gmt(gmdate('Y-m-d H:i:s', $at))];
}

foreach ($told['orders'] as $order) {
    $key = $order['key'];
    $at = local($order['at'] ?? 0);
    switch ($order['do']) {
        case 'board':
            $below = $order['below'] === null ? 0 : $known[$order['below']];
            $made[$key] = must(wp_insert_term($order['name'], 'category', ['parent' => $below]), $order)['term_id'];
            break;
        case 'writer':
            $fields = ['user_login' => 'writer' . count($known), 'user_pass' => wp_generate_password(24), 'display_name' => $order['name']];
            $made[$key] = must(wp_insert_user($fields + ['role' => 'author']), $order);
            break;
        case 'thread':
            $status = $order['standing'] === 'public' ? 'publish' : ['draft', 'private', 'pending'][count($known) % 3];
            $made[$key] = must(wp_insert_post(wp_slash([
                'post_title' => $order['title'], 'post_content' => $order['text'], 'post_status' => $status,
                'post_date' => $at['here'], 'post_date_gmt' => $at['gmt'], 'comment_status' => 'open',
                'post_author' => $known['writer:' . $order['writer']], 'post_category' => [$known['board:' . $order['board']]],
            ]), true), $order);
            if ($order['pinned']) {
                stick_post($made[$key]);
            }
            break;
        case 'reply':
            $parent = $order['answers'] === null || $order['answers'] === $order['thread'] ? 0 : $known[$order['answers']];
            $made[$key] = must(wp_insert_comment(wp_slash([
                'comment_post_ID' => $known[$order['thread']], 'comment_content' => $order['text'], 'comment_parent' => $parent,
                'comment_author' => $order['writer'], 'comment_author_email' => 'somebody@example.invalid',
                'comment_date' => $at['here'], 'comment_date_gmt' => $at['gmt'],
                'comment_approved' => $order['standing'] === 'removed' ? 'spam' : 1,
            ])), $order);
            break;
        case 'edit':
            if ($order['opening']) {
                $title = $order['title'] === null ? [] : ['post_title' => $order['title']];
                $fields = ['ID' => $known[$key], 'post_content' => $order['text']] + $title;
                must(wp_update_post(wp_slash($fields), true), $order);
            } else {
                $fields = ['comment_ID' => $known[$key], 'comment_content' => $order['text']];
                must(wp_update_comment(wp_slash($fields)), $order);
            }
            break;
        case 'remove_reply':
            must(wp_trash_comment($known[$key]), $order);
            break;
        case 'remove':
            must(wp_trash_post($known[$key]), $order);
            break;
        case 'purge':
            must(wp_delete_post($known[$key], true), $order);
            break;
        case 'move':
            must(wp_update_post(['ID' => $known[$key], 'post_category' => [$known['board:' . $order['board']]]], true), $order);
            break;
        case 'hide':
            $how = $order['number'] % 2 ? ['post_password' => 'members'] : ['post_status' => 'private'];
            must(wp_update_post(['ID' => $known[$key]] + $how, true), $order);
            break;
        default:
            must(false, $order);
    }
    if (isset($made[$key])) {
        $known[$key] = $made[$key];
    }
}
echo json_encode((object) $made, JSON_UNESCAPED_UNICODE);
