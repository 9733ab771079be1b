'use strict';
// Carries out orders of scripts/live/orders.py by NodeBB's own functions: node nodebb.js APP < orders.json
// Answers with {key: number} of what was made. An order it cannot carry out ends it, with the reason.
const fs = require('fs');
const path = require('path');
const { promisify } = require('util');

const app = path.resolve(process.argv[2]);
const told = JSON.parse(fs.readFileSync(0, 'utf8'));
const ours = name => require(path.join(app, name));
const does = (owner, name) => promisify(owner[name].bind(owner));

const nconf = ours('node_modules/nconf');
nconf.file({ file: path.join(app, 'config.json') });
nconf.defaults({ base_dir: app, version: ours('package.json').version });
const db = ours('src/database');
const MODERATOR = 1; // who installed it
const MEMBERS = '内部版'; // of corpus.py: no guest reads there

async function main() {
	await does(db, 'init')();
	const meta = ours('src/meta');
	await does(meta.configs, 'init')();
	const [categories, user, topics, posts] = ['categories', 'user', 'topics', 'posts'].map(name => ours(`src/${name}`));
	const privileges = ours('src/privileges');
	const made = {};
	const known = told.known || {};
	const texts = {}; // what a quotation repeats

	async function quoted(order) {
		if (order.answers === null || !order.quoting || !texts[order.answers]) {
			return order.text;
		}
		const answered = texts[order.answers];
		const number = known[order.answers];
		const repeated = answered.text.replace(/\n/g, '\n> ');
		const said = number % 2 ? `@${answered.writer} said in [主题](/post/${number}):` :
			`@${answered.writer} 在 [主题](/topic/${known[order.thread]}/slug/2) 中说：`;
		return `${said}\n> ${repeated}\n\n${order.text}`;
	}

	async function written(order, tid) {
		const uid = known[`writer:${order.writer}`];
		const content = order.do === 'reply' ? await quoted(order) : order.text;
		const answers = order.answers ? { toPid: known[order.answers] } : {};
		const post = await does(posts, 'create')({ uid, tid, content, timestamp: order.at * 1000, ...answers });
		texts[order.key] = { text: order.text, writer: order.writer };
		return post.pid;
	}

	const DO = {
		async board(order) {
			const parentCid = order.below === null ? 0 : known[order.below];
			const { cid } = await does(categories, 'create')({ name: order.name, parentCid });
			if (order.members) {
				await does(privileges.categories, 'rescind')(['find', 'read', 'topics:read'], cid, 'guests');
			}
			return cid;
		},
		async writer(order) {
			return does(user, 'create')({ username: order.name });
		},
		async thread(order) {
			const cid = known[`board:${order.board}`];
			const uid = known[`writer:${order.writer}`];
			const tid = await does(topics, 'create')({ uid, cid, title: order.title, timestamp: order.at * 1000 });
			known[`topic:${order.key}`] = made[`topic:${order.key}`] = tid;
			const pid = await written(order, tid);
			if (order.pinned) {
				await does(topics.tools, 'pin')(tid, MODERATOR);
			}
			return pid;
		},
		async reply(order) {
			const pid = await written(order, known[`topic:${order.thread}`]);
			if (order.standing === 'removed') {
				await does(posts.tools, 'delete')(MODERATOR, pid);
			}
			return pid;
		},
		async edit(order) {
			const title = order.title === null ? {} : { title: order.title };
			await does(posts, 'edit')({ pid: known[order.key], uid: MODERATOR, content: order.text, ...title });
		},
		async remove_reply(order) { await does(posts.tools, 'delete')(MODERATOR, known[order.key]); },
		async remove(order) { await does(topics.tools, 'delete')(known[`topic:${order.key}`], MODERATOR); },
		async purge(order) { await does(topics.tools, 'purge')(known[`topic:${order.key}`], MODERATOR); },
		async move(order) {
			await does(topics.tools, 'move')(known[`topic:${order.key}`], known[`board:${order.board}`], MODERATOR);
		},
		async hide(order) {
			await does(topics.tools, 'move')(known[`topic:${order.key}`], known[`board:${MEMBERS}`], MODERATOR);
		},
	};

	if (told.plugin_off) {
		await does(db, 'sortedSetRemove')('plugins:active', told.plugin_off);
	}
	for (const order of told.orders) {
		const number = await DO[order.do](order).catch((error) => {
			throw new Error(`${JSON.stringify(order).slice(0, 300)}: ${error.stack || error}`);
		});
		if (number !== undefined) {
			known[order.key] = made[order.key] = Number(number);
		}
	}
	return made;
}

main().then((made) => {
	process.stdout.write(JSON.stringify(made), () => process.exit(0));
}, (error) => {
	process.stderr.write(String(error.stack || error), () => process.exit(1));
});
